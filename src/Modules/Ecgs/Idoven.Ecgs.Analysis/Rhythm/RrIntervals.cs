using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>Represents an RR interval.</summary>
/// <param name="StartMs">Its start in ms from the start of the recording.</param>
/// <param name="Ms">Its length in ms.</param>
/// <param name="FollowsOn">Whether it starts where the interval before it in the list ends.</param>
/// <param name="IsNormal">Whether neither of its beats is ectopic, as far as known.</param>
public readonly record struct RrInterval(double StartMs, double Ms, bool FollowsOn, bool IsNormal = true);

/// <summary>Computes and selects RR intervals.</summary>
public static class RrIntervals
{
    /// <summary>Returns the intervals between consecutive beats, except those that contain a gap.</summary>
    /// <param name="beatSamples">Positions of the beats in samples, ascending.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="gaps">Ranges without a signal, in samples, ascending; null for none.</param>
    /// <param name="classes">The classes of the beats; null if unknown.</param>
    public static IReadOnlyList<RrInterval> Between(
        IReadOnlyList<double> beatSamples, double samplingFrequency, IReadOnlyList<SampleRange>? gaps = null,
        IReadOnlyList<BeatClass>? classes = null) =>
        [.. Each(beatSamples.Count, i => beatSamples[i], samplingFrequency, gaps, classes)];

    /// <summary>Enumerates the intervals between consecutive beats, except those that contain a gap, without storing them.</summary>
    internal static IEnumerable<RrInterval> Each(
        IReadOnlyList<Beat> beats, double samplingFrequency, IReadOnlyList<SampleRange>? gaps = null,
        IReadOnlyList<BeatClass>? classes = null) =>
        Each(beats.Count, i => beats[i].Sample, samplingFrequency, gaps, classes);

    private static IEnumerable<RrInterval> Each(
        int count, Func<int, double> position, double samplingFrequency, IReadOnlyList<SampleRange>? gaps,
        IReadOnlyList<BeatClass>? classes)
    {
        double Ms(double samples) => samples * 1000 / samplingFrequency;
        var walk = new GapWalk(gaps ?? []);
        var isBroken = true;
        for (var i = 1; i < count; i++)
        {
            var (start, end) = (position(i - 1), position(i));
            if (walk.HasGap(start, end))
            {
                isBroken = true;
                continue;
            }

            var isNormal = classes is null || (classes[i - 1] == BeatClass.N && classes[i] == BeatClass.N);
            yield return new RrInterval(Ms(start), Ms(end - start), !isBroken, isNormal);
            isBroken = false;
        }
    }

    /// <summary>Returns the intervals between two normal beats (NN), from which heart rate variability is computed.</summary>
    /// <param name="beatSamples">Positions of all beats in samples, ascending.</param>
    /// <param name="isNormal">For each beat, whether it is normal.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    public static IReadOnlyList<RrInterval> Normal(
        IReadOnlyList<double> beatSamples, IReadOnlyList<bool> isNormal, double samplingFrequency)
    {
        double Ms(double samples) => samples * 1000 / samplingFrequency;
        var intervals = new List<RrInterval>();
        for (var i = 1; i < beatSamples.Count; i++)
        {
            if (isNormal[i - 1] && isNormal[i])
            {
                intervals.Add(new RrInterval(Ms(beatSamples[i - 1]), Ms(beatSamples[i] - beatSamples[i - 1]), i > 1 && isNormal[i - 2]));
            }
        }

        return intervals;
    }

    /// <summary>
    /// Returns the median absolute difference of successive intervals by the median interval. Single ectopic beats do not affect it.
    /// </summary>
    /// <returns>A ratio; null if there are no successive intervals.</returns>
    internal static double? Irregularity(IReadOnlyList<RrInterval> intervals, double median)
    {
        var differences = Enumerable.Range(1, intervals.Count - 1).Where(i => intervals[i].FollowsOn)
            .Select(i => Math.Abs(intervals[i].Ms - intervals[i - 1].Ms)).Order().ToArray();
        return differences.Length == 0 ? null : differences[differences.Length / 2] / median;
    }

    /// <summary>
    /// Returns the intervals between two normal beats that differ by at most 30 % from the median of the interval itself, the five
    /// before and the five after (definition nn-rr30-1). This excludes ectopic beats, the pauses after them, and missed or extra beats.
    /// </summary>
    public static IReadOnlyList<RrInterval> Plausible(IReadOnlyList<RrInterval> intervals)
    {
        const int EachSide = 5;
        const double MostDeviation = 0.3;
        var plausible = new List<RrInterval>();
        Span<double> around = stackalloc double[(2 * EachSide) + 1];
        var last = -2;
        for (var i = 0; i < intervals.Count; i++)
        {
            var count = 0;
            for (var k = Math.Max(0, i - EachSide); k <= Math.Min(intervals.Count - 1, i + EachSide); k++)
            {
                around[count++] = intervals[k].Ms;
            }

            around[..count].Sort();
            var median = around[(count - 1) / 2];
            if (intervals[i].IsNormal && Math.Abs(intervals[i].Ms - median) <= MostDeviation * median)
            {
                plausible.Add(intervals[i] with { FollowsOn = intervals[i].FollowsOn && last == i - 1 });
                last = i;
            }
        }

        return plausible;
    }
}
