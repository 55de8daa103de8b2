using System.Globalization;
using System.Net;
using System.Text;

namespace Idoven.Cli;

/// <summary>Represents the samples of a lead in a plot.</summary>
internal sealed record PlottedLead(string Name, IReadOnlyList<int> Samples);

/// <summary>Draws ten seconds of an ECG with its detected beats as SVG: one lead below the other, each with its own scale.</summary>
internal static class EcgPlot
{
    public const double Seconds = 10;

    private const int Left = 60;
    private const int Width = 1000;
    private const int LeadHeight = 110;
    private const int Top = 46;

    /// <summary>Draws the plot.</summary>
    /// <param name="title">The title above the plot.</param>
    /// <param name="leads">The leads, with their samples from the first plotted one.</param>
    /// <param name="first">The index of the first plotted sample.</param>
    /// <param name="samplingFrequency">Samples per second.</param>
    /// <param name="beats">The beats of all leads together.</param>
    /// <returns>The SVG document.</returns>
    public static string Draw(
        string title, IReadOnlyList<PlottedLead> leads, int first, double samplingFrequency, IReadOnlyList<BeatResponse> beats)
    {
        var height = Top + (leads.Count * LeadHeight) + 30;
        var perSample = Width / (Seconds * samplingFrequency);
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 20} {height}" font-family="system-ui, sans-serif"
              font-size="13" role="img" aria-label="ECG with detected beats">
            <rect width="{Left + Width + 20}" height="{height}" fill="#ffffff"/>
            <text x="{Left}" y="18" font-weight="600">{WebUtility.HtmlEncode(title)}</text>
            """);
        for (var second = 0; second <= Seconds; second++)
        {
            var x = Left + (second * Width / Seconds);
            var time = (first / samplingFrequency) + second;
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""
                <line x1="{x:F1}" y1="{Top}" x2="{x:F1}" y2="{height - 24}" stroke="#f0d9d9"/>
                <text x="{x:F1}" y="{height - 8}" text-anchor="middle" font-size="11" fill="#555">{time:0.#} s</text>
                """);
        }

        foreach (var beat in beats.Where(beat => beat.Sample >= first && beat.Sample < first + (Seconds * samplingFrequency)))
        {
            var x = Left + ((beat.Sample - first) * perSample);
            var colour = beat.Class switch { "V" => "#c0392b", "S" => "#b9770e", _ => "#1b6ca8" };
            var label = WebUtility.HtmlEncode(beat.Class);
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""
                <line x1="{x:F1}" y1="{Top}" x2="{x:F1}" y2="{height - 24}" stroke="{colour}" stroke-dasharray="2 4"/>
                <text x="{x:F1}" y="{Top - 6}" text-anchor="middle" font-weight="600" fill="{colour}">{label}</text>
                """);
        }

        for (var l = 0; l < leads.Count; l++)
        {
            var samples = leads[l].Samples;
            var (low, high) = samples.Count == 0 ? (0, 0) : (samples.Min(), samples.Max());
            var top = Top + (l * LeadHeight) + 8;
            var scale = (LeadHeight - 16) / Math.Max(1.0, (double)high - low);
            var points = string.Join(' ', samples.Select((sample, i) => FormattableString.Invariant(
                $"{Left + (i * perSample):0.#},{top + (((double)high - sample) * scale):0.#}")));
            var name = WebUtility.HtmlEncode(leads[l].Name);
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""
                <text x="{Left - 8}" y="{top + (LeadHeight / 2)}" text-anchor="end" font-weight="600">{name}</text>
                <polyline points="{points}" fill="none" stroke="#222" stroke-width="1.1"/>
                """);
        }

        return svg.AppendLine("</svg>").ToString();
    }

    /// <summary>Returns the first sample to plot: three seconds before the first ectopic beat, or the start if there is none.</summary>
    public static int FindStart(IReadOnlyList<BeatResponse> beats, double samplingFrequency, int samples)
    {
        var last = Math.Max(0, samples - (int)(Seconds * samplingFrequency));
        var ectopic = beats.FirstOrDefault(beat => beat.Class is "V") ?? beats.FirstOrDefault(beat => beat.Class is "S");
        return ectopic is null ? 0 : Math.Clamp(ectopic.Sample - (int)(3 * samplingFrequency), 0, last);
    }
}
