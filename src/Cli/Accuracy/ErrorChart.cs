using System.Globalization;
using System.Text;

namespace Idoven.Cli.Accuracy;

/// <summary>
/// Draws the errors of each record as bars: missed beats to the left, extra beats to the right, in percent of the record's beats.
/// </summary>
internal static class ErrorChart
{
    private const int RowHeight = 44;
    private const int BarHeight = 11;
    private const int Top = 56;
    private const int Middle = 450;
    private const int Reach = 360;

    private static readonly (string Name, string Colour, Func<RecordAccuracy, SignalAccuracy?> Of)[] Signals =
    [
        ("first signal", "#1b6ca8", record => record.First),
        ("second signal", "#b8c4ce", record => record.Second),
        ("fused", "#0f7b4f", record => record.Fused),
    ];

    public static string Draw(IReadOnlyList<RecordAccuracy> records)
    {
        var highest = records.SelectMany(record => Signals.Select(signal => signal.Of(record)).OfType<SignalAccuracy>())
            .SelectMany(signal => new[] { Missed(signal), Extra(signal) }).Append(0.1).Max();

        // The scale is a square root, so that records with few errors are visible beside a record with a thousand.
        double Length(double percent) => Reach * Math.Sqrt(percent / highest);
        var height = Top + (records.Count * RowHeight) + 20;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {height}" font-family="system-ui, sans-serif" font-size="12"
              role="img" aria-label="Missed and extra beats by record">
            <rect width="900" height="{height}" fill="#ffffff"/>
            <text x="{Middle - 12}" y="20" text-anchor="end" font-weight="600">missed, % of the beats (root scale)</text>
            <text x="{Middle + 12}" y="20" font-weight="600">extra, % of the beats</text>
            """);
        for (var s = 0; s < Signals.Length; s++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""
                <rect x="{250 + (150 * s)}" y="32" width="11" height="11" fill="{Signals[s].Colour}"/>
                <text x="{267 + (150 * s)}" y="42">{Signals[s].Name}</text>
                """);
        }

        for (var r = 0; r < records.Count; r++)
        {
            var y = Top + (r * RowHeight);
            var name = System.Net.WebUtility.HtmlEncode(records[r].Name);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="10" y="{y + 22}" font-weight="600">{name}</text>""");
            for (var s = 0; s < Signals.Length; s++)
            {
                if (Signals[s].Of(records[r]) is not { } signal)
                {
                    continue;
                }

                var (missed, extra, top) = (Missed(signal), Extra(signal), y + (s * (BarHeight + 1)));
                var (left, right, colour) = (Length(missed), Length(extra), Signals[s].Colour);
                svg.AppendLine(CultureInfo.InvariantCulture,
                    $"""
                    <rect x="{Middle - left:F1}" y="{top}" width="{left:F1}" height="{BarHeight}" fill="{colour}"/>
                    <rect x="{Middle}" y="{top}" width="{right:F1}" height="{BarHeight}" fill="{colour}" opacity="0.75"/>
                    <text x="{Middle - left - 4:F1}" y="{top + 10}" text-anchor="end" font-size="10">{missed:0.##}</text>
                    <text x="{Middle + right + 4:F1}" y="{top + 10}" font-size="10">{extra:0.##}</text>
                    """);
            }
        }

        svg.AppendLine(
            CultureInfo.InvariantCulture, $"""<line x1="{Middle}" y1="{Top - 4}" x2="{Middle}" y2="{height - 16}" stroke="#333"/>""");
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static double Missed(SignalAccuracy signal) => Percent(signal.Whole.Missed, signal);

    private static double Extra(SignalAccuracy signal) => Percent(signal.Whole.Extra, signal);

    private static double Percent(int errors, SignalAccuracy signal) =>
        100.0 * errors / Math.Max(1, signal.Whole.Matched + signal.Whole.Missed);
}
