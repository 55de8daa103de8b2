using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents heart rate and pauses (definition rhythm-2), from the RR intervals of the fused beats.</summary>
/// <param name="HeartRate">The heart rate.</param>
/// <param name="Pauses">The pauses.</param>
/// <param name="Flags">Possible findings, such as <c>possibleBradycardia</c>.</param>
public sealed record RhythmSummary(HeartRate HeartRate, Pauses Pauses, IReadOnlyList<string> Flags);

/// <summary>Represents the heart rate in beats per minute.</summary>
/// <param name="MeanBpm">The rate of the mean RR interval.</param>
/// <param name="MedianBpm">The rate of the median RR interval.</param>
/// <param name="Minimum10sBpm">The lowest mean over 10 s; null without 10 s of continuous signal.</param>
/// <param name="Maximum10sBpm">The highest mean over 10 s; null without 10 s of continuous signal.</param>
public sealed record HeartRate(double MeanBpm, double MedianBpm, double? Minimum10sBpm, double? Maximum10sBpm);

/// <summary>Represents RR intervals of 2 s and more.</summary>
/// <param name="Count">Number of pauses.</param>
/// <param name="Of3SecondsAndMore">Number of pauses of 3 s and more.</param>
/// <param name="Longest">The longest pauses, at most 20, in order of time.</param>
public sealed record Pauses(int Count, int Of3SecondsAndMore, IReadOnlyList<Pause> Longest);

/// <summary>Represents a pause.</summary>
/// <param name="StartS">The time of its first beat in seconds from the start of the recording.</param>
/// <param name="Ms">Its length in ms.</param>
public sealed record Pause(double StartS, double Ms);

/// <summary>Computes heart rate and pauses of the recording.</summary>
public sealed class RhythmInsight : IRecordingInsight<RhythmSummary>
{
    private const int FewestIntervals = 2;
    private const double PauseMs = 2000;
    private const double LongPauseMs = 3000;
    private const int MostPauses = 20;
    private const double WindowMs = 10_000;

    // Limits for adults at rest: AHA/ACC/HRS 2018 for bradycardia, the usual limit for tachycardia.
    private const double SlowBelowBpm = 50;
    private const double FastAboveBpm = 100;

    // Sinus rhythms stay well below; see docs/insights.md.
    private const double IrregularFrom = 0.15;

    /// <inheritdoc/>
    public string Name => "rhythm";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["rhythm-2"];

    /// <inheritdoc/>
    public RhythmSummary Example { get; } =
        new(
            new HeartRate(75.5, 75.3, Minimum10sBpm: 71.3, Maximum10sBpm: 85.2), new Pauses(1, 0, [new Pause(614.2, 2140)]),
            ["possiblePauses"]);

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(RhythmSummary result, IInsightResults others)
    {
        var (rate, pauses) = (result.HeartRate, result.Pauses.Count);
        var extremes = rate is { Minimum10sBpm: { } low, Maximum10sBpm: { } high }
            ? FormattableString.Invariant($", {low:F0} to {high:F0} over 10 s")
            : "";
        yield return new InsightLine(
            "heart rate", FormattableString.Invariant($"{rate.MeanBpm:F1} bpm on average{extremes}; {pauses} pauses of 2 s and more"));
        yield return new InsightLine("flags", result.Flags.Count > 0 ? string.Join(", ", result.Flags) : "none", IsConclusion: true);
    }

    /// <inheritdoc/>
    public RhythmSummary Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var frequency = InsightNotComputedException.RequireSamplingFrequency(recording.Recording);
        var beats = recording.FindBeats(ct) ?? throw InsightNotComputedException.NoBeats(recording.Recording);
        IReadOnlyList<RrInterval> intervals = [.. RrIntervals.Each(beats, frequency, recording.Gaps)];
        if (intervals.Count < FewestIntervals)
        {
            throw new InsightNotComputedException($"There are fewer than {FewestIntervals + 1} beats in a row.");
        }

        var rr = RrSummary.Compute(intervals, intervals.Count)!;
        var (minimum, maximum) = Extremes(intervals);
        var rate = new HeartRate(60_000 / rr.MeanMs, 60_000 / rr.MedianMs, minimum, maximum);
        var pauses = intervals.Where(interval => interval.Ms >= PauseMs).ToList();
        var longest = pauses.OrderByDescending(pause => pause.Ms).Take(MostPauses).OrderBy(pause => pause.StartMs);
        return new RhythmSummary(
            rate,
            new Pauses(
                pauses.Count, pauses.Count(pause => pause.Ms >= LongPauseMs),
                [.. longest.Select(pause => new Pause(pause.StartMs / 1000, pause.Ms))]),
            [.. Flags(rate, pauses.Count, RrIntervals.Irregularity(intervals, rr.MedianMs) ?? 0, recording, ct)]);
    }

    private static IEnumerable<string> Flags(
        HeartRate rate, int pauses, double irregularity, RecordingBeats recording, CancellationToken ct)
    {
        if (rate.MedianBpm < SlowBelowBpm)
        {
            yield return "possibleBradycardia";
        }

        if (rate.MedianBpm > FastAboveBpm)
        {
            yield return "possibleTachycardia";
        }

        if (pauses > 0)
        {
            yield return "possiblePauses";
        }

        if (irregularity >= IrregularFrom)
        {
            yield return "possibleIrregularRhythm";
        }

        if (recording.FindAtrialFibrillation(ct)?.EpisodeCount > 0)
        {
            yield return "possibleAtrialFibrillation";
        }

        if (recording.IsPaced)
        {
            yield return "possiblePacedRhythm";
        }

        if (recording.IsNoise)
        {
            yield return "noiseDominated";
        }

        if (recording.Flutter.Count > 0)
        {
            yield return "possibleVentricularFlutter";
        }
    }

    /// <summary>Returns the extremes over every window of 10 s that starts at a beat, from its complete intervals without a gap.</summary>
    private static (double? Minimum, double? Maximum) Extremes(IReadOnlyList<RrInterval> intervals)
    {
        double? minimum = null, maximum = null;
        var end = 0;
        for (var first = 0; first < intervals.Count; first++)
        {
            end = Math.Max(end, first + 1);
            while (end < intervals.Count && intervals[end].FollowsOn && intervals[end].StartMs < intervals[first].StartMs + WindowMs)
            {
                end++;
            }

            // The last interval ends after the window, so the window has 10 s of signal.
            var last = intervals[end - 1];
            if (last.StartMs + last.Ms < intervals[first].StartMs + WindowMs)
            {
                continue;
            }

            var rate = 60_000 * (end - first) / (last.StartMs + last.Ms - intervals[first].StartMs);
            minimum = Math.Min(minimum ?? rate, rate);
            maximum = Math.Max(maximum ?? rate, rate);
        }

        return (minimum, maximum);
    }
}
