using Idoven.Ecgs.Analysis.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Classes;

namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>An RR interval.</summary>
/// <param name="StartMs">When it begins, from the start of the recording.</param>
/// <param name="Ms">Its length.</param>
/// <param name="FollowsOn">Whether it begins where the interval before it in the list ended.</param>
/// <param name="IsNormal">Whether neither of its beats is known to be ectopic.</param>
public readonly record struct RrInterval(double StartMs, double Ms, bool FollowsOn, bool IsNormal = true);

/// <summary>RR intervals and how they are chosen.</summary>
public static class RrIntervals
{
    /// <summary>The intervals between consecutive beats, but those in which there was no signal.</summary>
    /// <param name="beatSamples">Positions of the beats, ascending.</param>
    /// <param name="samplingFrequency">Samples a second.</param>
    /// <param name="gaps">Stretches without a signal, in samples, ascending.</param>
    /// <param name="classes">The beats' classes, where they are known.</param>
    public static IReadOnlyList<RrInterval> Between(
        IReadOnlyList<double> beatSamples, double samplingFrequency, IReadOnlyList<SampleRange>? gaps = null, IReadOnlyList<BeatClass>? classes = null) =>
        [.. Each(beatSamples.Count, i => beatSamples[i], samplingFrequency, gaps, classes)];

    /// <summary>The same, one after the other: nothing is kept of them.</summary>
    internal static IEnumerable<RrInterval> Each(
        IReadOnlyList<Beat> beats, double samplingFrequency, IReadOnlyList<SampleRange>? gaps = null, IReadOnlyList<BeatClass>? classes = null) =>
        Each(beats.Count, i => beats[i].Sample, samplingFrequency, gaps, classes);

    private static IEnumerable<RrInterval> Each(
        int count, Func<int, double> position, double samplingFrequency, IReadOnlyList<SampleRange>? gaps, IReadOnlyList<BeatClass>? classes)
    {
        double Ms(double samples) => samples * 1000 / samplingFrequency;
        var walk = new GapWalk(gaps ?? []);
        var isBroken = true;
        for (var i = 1; i < count; i++)
        {
            var (start, end) = (position(i - 1), position(i));
            if (walk.Breaks(start, end))
            {
                isBroken = true;
                continue;
            }

            var isNormal = classes is null || (classes[i - 1] == BeatClass.N && classes[i] == BeatClass.N);
            yield return new RrInterval(Ms(start), Ms(end - start), !isBroken, isNormal);
            isBroken = false;
        }
    }

    /// <summary>The intervals whose two beats are both normal (NN): what heart rate variability is computed from.</summary>
    /// <param name="beatSamples">Positions of all beats, ascending.</param>
    /// <param name="isNormal">For each whether it is normal.</param>
    /// <param name="samplingFrequency">Samples a second.</param>
    public static IReadOnlyList<RrInterval> Normal(IReadOnlyList<double> beatSamples, IReadOnlyList<bool> isNormal, double samplingFrequency)
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

    /// <summary>Median absolute difference of successive intervals by the median interval: single ectopic beats do not move it.</summary>
    /// <returns>A ratio; null where no interval follows on another.</returns>
    internal static double? Irregularity(IReadOnlyList<RrInterval> intervals, double median)
    {
        var differences = Enumerable.Range(1, intervals.Count - 1).Where(i => intervals[i].FollowsOn)
            .Select(i => Math.Abs(intervals[i].Ms - intervals[i - 1].Ms)).Order().ToArray();
        return differences.Length == 0 ? null : differences[differences.Length / 2] / median;
    }

    /// <summary>
    /// The intervals between two normal beats that differ by at most 30 % from the median of the five before and the five after (definition
    /// nn-rr30-1). Ectopic beats, the pauses after them, and missed or extra beats fall out.
    /// </summary>
    public static IReadOnlyList<RrInterval> Plausible(IReadOnlyList<RrInterval> intervals)
    {
        const int EachSide = 5;
        const double Most = 0.3;
        var kept = new List<RrInterval>();
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
            if (intervals[i].IsNormal && Math.Abs(intervals[i].Ms - median) <= Most * median)
            {
                kept.Add(intervals[i] with { FollowsOn = intervals[i].FollowsOn && last == i - 1 });
                last = i;
            }
        }

        return kept;
    }
}
