using System.Globalization;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli;

/// <summary>
/// Prints an insight document for people: a table with a row for each lead, a line for each subject, and the insights that are missing.
/// Columns and lines come from the insights themselves.
/// </summary>
internal static class InsightTable
{
    private const string Missing = "-";

    public static void Write(TextWriter output, JsonElement document, InsightCatalog? catalog = null)
    {
        var results = new DocumentResults(document, catalog ?? InsightCatalog.Default);
        output.WriteLine("Zero crossings of the signal as sent and about its baseline; sample values as sent");
        WriteTable(output, results);

        var unknown = results.UnknownMembers();
        if (unknown.Count > 0)
        {
            output.WriteLine($"Also in the document (--json): {string.Join(", ", unknown)}");
        }

        output.WriteLine();
        foreach (var line in results.Lines())
        {
            output.WriteLine($"{line.Subject,-13} {line.Text}");
        }

        output.WriteLine();
        foreach (var missing in document.GetProperty("notComputed").EnumerateArray())
        {
            var lead = Text(missing, "lead") is { } name ? $" of {name}" : "";
            output.WriteLine($"not computed: {Text(missing, "insight")}{lead}: {Text(missing, "reason")}");
        }

        var definitions = string.Join(", ", document.GetProperty("definitions").EnumerateArray());
        output.WriteLine($"engine {Text(document, "engineVersion")}, definitions {definitions}");
        output.WriteLine(Text(document, "disclaimer"));
    }

    private static void WriteTable(TextWriter output, DocumentResults results)
    {
        List<(string Title, bool IsText)> columns =
            [("lead", true), ("samples", false), .. results.Columns.Select(column => (column.Column.Title, column.Column.IsText))];
        var rows = results.Leads.Select(lead => Row(lead, results)).Prepend([.. columns.Select(column => column.Title)]).ToList();
        var widths = columns.Select((_, i) => rows.Max(row => row[i].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, i) => columns[i].IsText ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static string[] Row(JsonElement lead, DocumentResults results) =>
    [
        Text(lead, "name") ?? Missing,
        lead.GetProperty("samples").GetInt32().ToString("N0", CultureInfo.InvariantCulture),
        .. results.Columns.Select(column =>
            DocumentResults.Read(lead, column.Insight) is { } result ? column.Column.Format(result) ?? Missing : Missing),
    ];

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Reads the results in a document by the insights of a catalog.</summary>
    private sealed class DocumentResults(JsonElement document, InsightCatalog catalog) : IInsightResults
    {
        private static readonly string[] LeadMembers = ["name", "samples"];

        public IReadOnlyList<JsonElement> Leads { get; } = [.. document.GetProperty("leads").EnumerateArray()];

        public IReadOnlyList<(IInsight Insight, InsightColumn Column)> Columns { get; } =
            [.. catalog.LeadInsights.SelectMany(insight => ((IInsight)insight).Columns.Select(column => ((IInsight)insight, column)))];

        public static object? Read(JsonElement parent, IInsight insight) =>
            parent.TryGetProperty(insight.Name, out var value) ? value.Deserialize(insight.ResultType, JsonSerializerOptions.Web) : null;

        public IEnumerable<(string Lead, TResult Result)> OfLeads<TResult>()
            where TResult : class =>
            from lead in Leads
            from insight in catalog.LeadInsights
            where insight.ResultType == typeof(TResult)
            let result = Read(lead, insight) as TResult
            where result is not null
            select (NameOf(lead), result);

        /// <summary>Returns the lines of the recording in the order of the catalog, then those of each lead.</summary>
        public IEnumerable<InsightLine> Lines()
        {
            var global = document.GetProperty("global");
            var ofRecording = catalog.RecordingInsights.SelectMany(insight => Describe(global, insight));
            var ofLeads =
                from lead in Leads
                from insight in catalog.LeadInsights
                from line in Describe(lead, insight)
                select line with { Text = $"{NameOf(lead)}: {line.Text}" };
            return ofRecording.OrderBy(line => line.IsConclusion).Concat(ofLeads);
        }

        /// <summary>Returns the members of leads that a newer engine may have added.</summary>
        public IReadOnlyList<string> UnknownMembers()
        {
            var members = Leads.SelectMany(lead => lead.EnumerateObject()).Select(member => member.Name);
            return [.. members.Except([.. LeadMembers, .. catalog.LeadInsights.Select(insight => insight.Name)])];
        }

        private static string NameOf(JsonElement lead) => lead.GetProperty("name").GetString()!;

        private IEnumerable<InsightLine> Describe(JsonElement parent, IInsight insight) =>
            Read(parent, insight) is { } result ? insight.Describe(result, this) : [];
    }
}
