using Idoven.Ecgs.Analysis.Quality;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents the signal quality of a lead (definition quality-1), from windows of ten seconds.</summary>
/// <param name="Score">Mean of the windows' scores, 0 to 1.</param>
/// <param name="Class">The class of the whole lead.</param>
/// <param name="Reasons">What is worse than in a clean signal in a tenth of the windows or more.</param>
/// <param name="UsablePercent">Percentage of windows that are good or fair.</param>
/// <param name="FlatPercent">Percentage of the time in which one value lasts 200 ms or longer: a gap, a lead off.</param>
/// <param name="SaturatedPercent">Percentage of samples in runs of the lead's lowest or highest value.</param>
/// <param name="PowerLineHz">50 or 60 if a tenth of the windows or more have power line interference; else null.</param>
/// <param name="Windows">Number of windows of each class.</param>
/// <param name="Segments">The longest ranges that are not good, at most 100, in order of time.</param>
public sealed record LeadQuality(
    double Score, QualityClass Class, IReadOnlyList<string> Reasons, double UsablePercent, double FlatPercent, double SaturatedPercent,
    int? PowerLineHz, WindowCounts Windows, IReadOnlyList<QualitySegment> Segments);

/// <summary>Represents the number of windows of ten seconds of each class.</summary>
public sealed record WindowCounts(int Good, int Fair, int Poor, int Unusable);

/// <summary>Represents a range of one class, in seconds from the start of the recording.</summary>
public sealed record QualitySegment(double StartS, double EndS, QualityClass Class, IReadOnlyList<string> Reasons);

/// <summary>Computes the signal quality of one lead.</summary>
public sealed class QualityInsight : ILeadInsight<LeadQuality>
{
    private const int MostSegments = 100;
    private const double Share = 0.1;
    private const int ShortestS = 5;

    /// <inheritdoc/>
    public string Name => "quality";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["quality-1"];

    /// <inheritdoc/>
    public LeadQuality Example { get; } = new(
        0.994, QualityClass.Good, [], UsablePercent: 99.4, FlatPercent: 0.1, SaturatedPercent: 0, PowerLineHz: 60,
        new WindowCounts(179, 1, 1, 0),
        [
            new QualitySegment(600, 610, QualityClass.Fair, ["noise"]),
            new QualitySegment(610, 620, QualityClass.Poor, ["noise", "beatsUnlike"]),
        ]);

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(LeadQuality result, IInsightResults others)
    {
        var reasons = result.Reasons.Count > 0 ? $"; {string.Join(", ", result.Reasons)}" : "";
        var name = result.Class.ToString().ToLowerInvariant();
        yield return new InsightLine(
            "quality", FormattableString.Invariant($"{name} ({result.Score:F2}), {result.UsablePercent:F0} % usable{reasons}"));
    }

    /// <inheritdoc/>
    public LeadQuality Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var frequency = InsightNotComputedException.RequireSamplingFrequency(lead.Recording);
        var measures = (lead.Analyze(ct) ?? throw InsightNotComputedException.NoBeats(lead.Recording)).Windows;
        if (lead.Samples.Length < ShortestS * frequency)
        {
            throw new InsightNotComputedException($"The lead is shorter than {ShortestS} s.");
        }

        var windows = measures.Select(WindowQuality.Compute).ToArray();
        int Count(QualityClass kind) => windows.Count(window => window.Class == kind);
        bool IsFrequent(QualityReasons reason) => windows.Count(window => (window.Reasons & reason) != 0) >= Share * windows.Length;
        var counts = new WindowCounts(
            Count(QualityClass.Good), Count(QualityClass.Fair), Count(QualityClass.Poor), Count(QualityClass.Unusable));
        var usable = (double)(counts.Good + counts.Fair) / windows.Length;
        var lines = measures.Where(window => window.PowerLine > 0).GroupBy(window => window.PowerLineHz).MaxBy(line => line.Count());
        return new LeadQuality(
            windows.Average(window => window.Score),
            2 * counts.Unusable > windows.Length ? QualityClass.Unusable
                : usable < 0.5 ? QualityClass.Poor
                : counts.Good >= 0.8 * windows.Length ? QualityClass.Good
                : QualityClass.Fair,
            Names(Enum.GetValues<QualityReasons>().Where(IsFrequent).Aggregate((QualityReasons)0, (all, reason) => all | reason)),
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
                var end = i == windows.Length ? durationS : i * QualityMeter.WindowS;
                segments.Add(new QualitySegment(first * QualityMeter.WindowS, end, windows[first].Class, Names(reasons)));
            }

            first = i;
        }

        var longest = segments.OrderByDescending(segment => segment.EndS - segment.StartS).Take(MostSegments);
        return [.. longest.OrderBy(segment => segment.StartS)];
    }

    /// <summary>Returns the names in camel case, such as <c>flat</c> and <c>baselineWander</c>.</summary>
    private static IReadOnlyList<string> Names(QualityReasons reasons) =>
    [
        .. Enum.GetValues<QualityReasons>()
            .Where(reason => reasons.HasFlag(reason))
            .Select(reason => $"{reason}")
            .Select(name => char.ToLowerInvariant(name[0]) + name[1..]),
    ];
}
