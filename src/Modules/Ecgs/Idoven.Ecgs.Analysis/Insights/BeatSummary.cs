using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents the detected heart beats (definition beats-1).</summary>
/// <param name="Count">Number of beats.</param>
/// <param name="Detector">The name of the method.</param>
/// <param name="Rr">The intervals between them in ms; null with fewer than two beats, or without a sampling frequency.</param>
/// <param name="RrSamples">The intervals in samples; null with a sampling frequency.</param>
public sealed record BeatSummary(int Count, string Detector, RrSummary? Rr, RrInSamples? RrSamples = null)
{
    // With this sampling frequency (Hz), an interval in ms equals the interval in samples.
    private const double OneSamplePerMs = 1000;

    internal static BeatSummary Compute(
        IReadOnlyList<Beat> beats, string detector, double? samplingFrequency, IReadOnlyList<SampleRange> gaps) =>
        samplingFrequency is { } known
        ? new(beats.Count, detector, RrSummary.Compute(RrIntervals.Each(beats, known, gaps), beats.Count))
        : new(beats.Count, detector, Rr: null, RrInSamples.Compute([.. RrIntervals.Each(beats, OneSamplePerMs, gaps)]));
}

/// <summary>Represents RR intervals in samples, for an unknown sampling frequency. Intervals that contain a gap are left out.</summary>
/// <param name="Count">Number of intervals.</param>
/// <param name="Mean">Their mean, in samples.</param>
/// <param name="Median">Their median, in samples.</param>
/// <param name="Minimum">The shortest interval, in samples.</param>
/// <param name="Maximum">The longest interval, in samples.</param>
/// <param name="Irregularity">
/// Median absolute difference of successive intervals by the median interval; null without successive ones.
/// </param>
public sealed record RrInSamples(int Count, double Mean, double Median, double Minimum, double Maximum, double? Irregularity)
{
    internal static RrInSamples? Compute(IReadOnlyList<RrInterval> intervals) => RrSummary.Compute(intervals, intervals.Count) is { } rr
        ? new RrInSamples(rr.Count, rr.MeanMs, rr.MedianMs, rr.MinimumMs, rr.MaximumMs, RrIntervals.Irregularity(intervals, rr.MedianMs))
        : null;
}

/// <summary>Represents RR intervals in ms. Intervals that contain a gap are left out.</summary>
/// <param name="Count">Number of intervals.</param>
/// <param name="MeanMs">Their mean in ms.</param>
/// <param name="MedianMs">Their median in ms.</param>
/// <param name="MinimumMs">The shortest interval in ms.</param>
/// <param name="MaximumMs">The longest interval in ms.</param>
public sealed record RrSummary(int Count, double MeanMs, double MedianMs, double MinimumMs, double MaximumMs)
{
    /// <summary>Computes the summary.</summary>
    /// <param name="intervals">The intervals in any order.</param>
    /// <param name="most">An upper limit of their number.</param>
    /// <returns>Null if there are none.</returns>
    internal static RrSummary? Compute(IEnumerable<RrInterval> intervals, int most)
    {
        var (all, count, sum) = (new double[most], 0, 0.0);
        foreach (var interval in intervals)
        {
            all[count++] = interval.Ms;
        }

        var sorted = all.AsSpan(0, count);
        sorted.Sort();
        foreach (var ms in sorted)
        {
            sum += ms;
        }

        return count == 0
            ? null
            : new RrSummary(count, sum / count, (sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0], sorted[^1]);
    }
}
