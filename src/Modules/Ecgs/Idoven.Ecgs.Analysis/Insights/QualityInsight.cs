using Idoven.Ecgs.Analysis.Quality;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>How far a lead can be relied on (definition quality-1), from windows of ten seconds.</summary>
/// <param name="Score">Mean of the windows' scores, 0 to 1.</param>
/// <param name="Class">Of the lead as a whole.</param>
/// <param name="Reasons">What is worse than in a clear signal in a tenth of the windows or more.</param>
/// <param name="UsablePercent">Share of the windows that are good or fair.</param>
/// <param name="FlatPercent">Share of the time in which one value lasts 200 ms and longer: a gap, a lead off.</param>
/// <param name="SaturatedPercent">Share of the samples that stand in rows on the lead's lowest or highest value.</param>
/// <param name="PowerLineHz">50 or 60 where a power line is heard in a tenth of the windows or more.</param>
/// <param name="Windows">How many of each class.</param>
/// <param name="Segments">Where the lead is not good, the longest ones, at most 100, in order of time.</param>
public sealed record LeadQuality(
    double Score, QualityClass Class, IReadOnlyList<string> Reasons, double UsablePercent, double FlatPercent, double SaturatedPercent, int? PowerLineHz,
    WindowCounts Windows, IReadOnlyList<QualitySegment> Segments);

/// <summary>Windows of ten seconds by their class.</summary>
public sealed record WindowCounts(int Good, int Fair, int Poor, int Unusable);

/// <summary>A stretch of one class.</summary>
public sealed record QualitySegment(double StartS, double EndS, QualityClass Class, IReadOnlyList<string> Reasons);

/// <summary>Quality of one lead.</summary>
public sealed class QualityInsight : ILeadInsight
{
    private const int MostSegments = 100;
    private const double Share = 0.1;
    private const int ShortestS = 5;

    /// <inheritdoc/>
    public string Name => "quality";

    /// <inheritdoc/>
    public object Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var frequency = LeadBeatsInsight.Frequency(lead.Recording);
        var measures = (lead.Analyze(ct) ?? throw LeadBeatsInsight.NoBeats(lead.Recording)).Windows;
        if (lead.Samples.Length < ShortestS * frequency)
        {
            throw new InsightNotComputedException($"The lead is shorter than {ShortestS} s.");
        }

        var windows = measures.Select(WindowQuality.Compute).ToArray();
        int Count(QualityClass kind) => windows.Count(window => window.Class == kind);
        var counts = new WindowCounts(Count(QualityClass.Good), Count(QualityClass.Fair), Count(QualityClass.Poor), Count(QualityClass.Unusable));
        var usable = (double)(counts.Good + counts.Fair) / windows.Length;
        var lines = measures.Where(window => window.PowerLine > 0).GroupBy(window => window.PowerLineHz).MaxBy(line => line.Count());
        return new LeadQuality(
            windows.Average(window => window.Score),
            2 * counts.Unusable > windows.Length ? QualityClass.Unusable : usable < 0.5 ? QualityClass.Poor : counts.Good >= 0.8 * windows.Length ? QualityClass.Good : QualityClass.Fair,
            Names(Enum.GetValues<QualityReasons>().Where(reason => windows.Count(window => (window.Reasons & reason) != 0) >= Share * windows.Length)
                .Aggregate((QualityReasons)0, (all, reason) => all | reason)),
            100 * usable, 100.0 * measures.Average(window => window.Flat), 100.0 * measures.Average(window => window.Saturated),
            lines?.Count() >= Share * windows.Length ? (int)lines.Key : null,
            counts, Segments(windows, lead.Samples.Length / frequency));
    }

    private static IReadOnlyList<QualitySegment> Segments(WindowQuality[] windows, double durationS)
    {
        var segments = new List<QualitySegment>();
        for (int first = 0, i = 1; i <= windows.Length; i++)
        {
            if (i < windows.Length && windows[i].Class == windows[first].Class)
            {
                continue;
            }

            if (windows[first].Class != QualityClass.Good)
            {
                var reasons = windows[first..i].Aggregate((QualityReasons)0, (all, window) => all | window.Reasons);
                segments.Add(new QualitySegment(
                    first * QualityMeter.WindowS, i == windows.Length ? durationS : i * QualityMeter.WindowS, windows[first].Class, Names(reasons)));
            }

            first = i;
        }

        return [.. segments.OrderByDescending(segment => segment.EndS - segment.StartS).Take(MostSegments).OrderBy(segment => segment.StartS)];
    }

    /// <summary>In camel case: <c>flat</c>, <c>baselineWander</c>.</summary>
    private static IReadOnlyList<string> Names(QualityReasons reasons) =>
        [.. Enum.GetValues<QualityReasons>().Where(reason => reasons.HasFlag(reason)).Select(reason => $"{reason}").Select(name => char.ToLowerInvariant(name[0]) + name[1..])];
}
