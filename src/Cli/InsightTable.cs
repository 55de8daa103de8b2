using System.Globalization;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli;

/// <summary>Prints an insight document as a table with one row for each lead, then what was not computed and why.</summary>
internal static class InsightTable
{
    private const string Missing = "-";
    private static readonly string[] Shown = ["name", "samples", "zeroCrossings", "statistics", "beats", "quality"];

    // Numbers are aligned to the right, text to the left.
    private static readonly (string Title, bool IsText, Func<LeadRow, string> Value)[] Columns =
    [
        ("lead", true, row => row.Name),
        ("samples", false, row => Number(row.Samples)),
        ("as sent", false, row => Number(row.Crossings?.Total)),
        ("baseline", true, row => row.About is { } about ? $"{about.OffsetSource} {about.Offset.ToString(CultureInfo.InvariantCulture)}" : Missing),
        ("about it", false, row => Number(row.About?.Total)),
        ("rising", false, row => Number(row.About?.Rising)),
        ("falling", false, row => Number(row.About?.Falling)),
        ("touches", false, row => Number(row.About?.Touches)),
        ("min", false, row => Number(row.Statistics?.Minimum)),
        ("max", false, row => Number(row.Statistics?.Maximum)),
        ("mean", false, row => Number(row.Statistics?.Mean)),
        ("SD", false, row => Number(row.Statistics?.StandardDeviation)),
    ];

    public static void Write(TextWriter output, JsonElement document)
    {
        var leads = document.GetProperty("leads").EnumerateArray().ToList();
        output.WriteLine("Zero crossings of the signal as sent and about its baseline; sample values as sent");
        WriteRows(output, [.. leads.Select(LeadRow.Of)]);

        var others = leads.SelectMany(lead => lead.EnumerateObject()).Select(member => member.Name).Except(Shown).ToList();
        if (others.Count > 0)
        {
            output.WriteLine($"Also in the document (--json): {string.Join(", ", others)}");
        }

        output.WriteLine();
        InsightSummary.Write(output, document);
        output.WriteLine();
        foreach (var missing in document.GetProperty("notComputed").EnumerateArray())
        {
            output.WriteLine($"not computed: {Text(missing, "insight")}{(Text(missing, "lead") is { } lead ? $" of {lead}" : "")}: {Text(missing, "reason")}");
        }

        output.WriteLine($"engine {Text(document, "engineVersion")}, definitions {string.Join(", ", document.GetProperty("definitions").EnumerateArray())}");
        output.WriteLine(Text(document, "disclaimer"));
    }

    private static void WriteRows(TextWriter output, IReadOnlyList<LeadRow> rows)
    {
        var cells = rows.Select(row => Columns.Select(column => column.Value(row)).ToArray()).Prepend([.. Columns.Select(column => column.Title)]).ToList();
        var widths = Columns.Select((_, i) => cells.Max(row => row[i].Length)).ToArray();
        foreach (var row in cells)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, i) => Columns[i].IsText ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? Missing;

    private static string Number(double? value) => value?.ToString(Math.Abs(value.Value) < 1000 ? "N1" : "N0", CultureInfo.InvariantCulture) ?? Missing;

    private sealed record LeadRow(string Name, int Samples, ZeroCrossings? Crossings, SampleStatistics? Statistics)
    {
        public BaselineCrossings? About => Crossings?.AboutBaseline;

        public static LeadRow Of(JsonElement lead) => new(
            Text(lead, "name") ?? Missing, lead.GetProperty("samples").GetInt32(), Insight<ZeroCrossings>(lead, "zeroCrossings"), Insight<SampleStatistics>(lead, "statistics"));

        private static T? Insight<T>(JsonElement lead, string name)
            where T : class => lead.TryGetProperty(name, out var value) ? value.Deserialize<T>(JsonSerializerOptions.Web) : null;
    }
}
