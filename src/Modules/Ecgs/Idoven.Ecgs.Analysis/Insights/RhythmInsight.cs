using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Heart rate and pauses (definition rhythm-2), from the RR intervals of the fused beats.</summary>
/// <param name="HeartRate">The rate.</param>
/// <param name="Pauses">Pauses.</param>
/// <param name="Flags">What stands out, worded as what it is: a possibility.</param>
public sealed record RhythmSummary(HeartRate HeartRate, Pauses Pauses, IReadOnlyList<string> Flags);

/// <summary>Beats a minute.</summary>
/// <param name="MeanBpm">By the mean RR interval.</param>
/// <param name="MedianBpm">By the median RR interval.</param>
/// <param name="Minimum10sBpm">The lowest mean over 10 s; null where no 10 s have a signal throughout.</param>
/// <param name="Maximum10sBpm">The highest.</param>
public sealed record HeartRate(double MeanBpm, double MedianBpm, double? Minimum10sBpm, double? Maximum10sBpm);

/// <summary>RR intervals of 2 s and more.</summary>
/// <param name="Count">How many.</param>
/// <param name="Of3SecondsAndMore">How many of 3 s and more.</param>
/// <param name="Longest">The longest ones, at most 20, in order of time.</param>
public sealed record Pauses(int Count, int Of3SecondsAndMore, IReadOnlyList<Pause> Longest);

/// <summary>A pause.</summary>
/// <param name="StartS">When its first beat was, from the start of the recording.</param>
/// <param name="Ms">Its length.</param>
public sealed record Pause(double StartS, double Ms);

/// <summary>Heart rate and pauses of the recording.</summary>
public sealed class RhythmInsight : IRecordingInsight
{
    private const int FewestIntervals = 2;
    private const double PauseMs = 2000;
    private const double LongPauseMs = 3000;
    private const int MostPauses = 20;
    private const double WindowMs = 10_000;

    // Adults at rest: AHA/ACC/HRS 2018 for slow, the classic limit for fast.
    private const double SlowBelowBpm = 50;
    private const double FastAboveBpm = 100;

    // Sinus rhythms stay well below: see docs/insights.md.
    private const double IrregularFrom = 0.15;

    /// <inheritdoc/>
    public string Name => "rhythm";

    /// <inheritdoc/>
    public object Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var frequency = LeadBeatsInsight.Frequency(recording.Recording);
        var beats = recording.FindBeats(ct) ?? throw LeadBeatsInsight.NoBeats(recording.Recording);
        IReadOnlyList<RrInterval> intervals = [.. RrIntervals.Each(beats, frequency, recording.Gaps)];
        if (intervals.Count < FewestIntervals)
        {
            throw new InsightNotComputedException($"There are fewer than {FewestIntervals + 1} beats in a row.");
        }

        var rr = RrSummary.Of(intervals, intervals.Count)!;
        var (minimum, maximum) = Extremes(intervals);
        var rate = new HeartRate(60_000 / rr.MeanMs, 60_000 / rr.MedianMs, minimum, maximum);
        var pauses = intervals.Where(interval => interval.Ms >= PauseMs).ToList();
        return new RhythmSummary(
            rate,
            new Pauses(
                pauses.Count, pauses.Count(pause => pause.Ms >= LongPauseMs),
                [.. pauses.OrderByDescending(pause => pause.Ms).Take(MostPauses).OrderBy(pause => pause.StartMs).Select(pause => new Pause(pause.StartMs / 1000, pause.Ms))]),
            [.. Flags(rate, pauses.Count, RrIntervals.Irregularity(intervals, rr.MedianMs) ?? 0, recording, ct)]);
    }

    private static IEnumerable<string> Flags(HeartRate rate, int pauses, double irregularity, RecordingBeats recording, CancellationToken ct)
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

    /// <summary>Over every window of 10 s that begins at a beat: the intervals that lie in it whole, without a break.</summary>
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

            // The last interval leads out of the window: there were 10 s of signal.
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
