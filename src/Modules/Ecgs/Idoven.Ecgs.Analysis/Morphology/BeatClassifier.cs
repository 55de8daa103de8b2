using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Morphology;

/// <summary>
/// Classifies beats by prematurity, width and similarity to the dominant morphology (the features of de Chazal, O'Dwyer and Reilly, 2004:
/// Automatic classification of heartbeats using ECG morphology and heartbeat interval features) with two logistic regressions: whether a
/// beat is ventricular, and if not, whether it is supraventricular. Deviations: morphologies are compared with those of the same
/// recording, as ratios only, and each feature is a mean over the leads.
/// </summary>
internal static class BeatClassifier
{
    // Fitted on the development records of MIT-BIH that are not paced. docs/insights.md has the accuracy with each record left out in turn.
    private static readonly double[] Ventricular = [-7.61, 1.88, 4.07, 2.44, 7.78, 0.19, 1.46, 1.5];
    private static readonly double[] Supraventricular = [-5.15, -8.53, 0.96, 3.87];

    private const int IntervalsBefore = 12;
    private const int IntervalsAfter = 10;
    private const int FewestIntervals = 3;
    private const double LongestS = 3;
    private const double SmallestSpread = 0.02;
    private const double SameMs = 100;

    /// <summary>Classifies the beats of one lead.</summary>
    /// <param name="lead">The beats and their morphologies.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="gaps">The ranges without detectable beats.</param>
    public static BeatClass[] Classify(BeatsWithMorphology lead, double samplingFrequency, IReadOnlyList<SampleRange> gaps) =>
        Classify(lead.Beats, [.. lead.Morphologies.Select(one => (BeatMorphology?)one)], samplingFrequency, gaps);

    /// <summary>Classifies the fused beats of all leads.</summary>
    /// <param name="beats">The fused beats.</param>
    /// <param name="leads">The beats of each lead with their morphologies.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="gaps">The ranges without detectable beats on any lead.</param>
    public static BeatClass[] Classify(
        IReadOnlyList<Beat> beats, IReadOnlyList<BeatsWithMorphology> leads, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var reach = SameMs * samplingFrequency / 1000;
        var ofLeads = leads.Select(lead => Match(beats, lead, reach)).ToArray();
        var (morphologies, ofBeat) = (new BeatMorphology?[beats.Count], new BeatMorphology?[ofLeads.Length]);
        for (var i = 0; i < morphologies.Length; i++)
        {
            for (var l = 0; l < ofBeat.Length; l++)
            {
                ofBeat[l] = ofLeads[l][i];
            }

            morphologies[i] = BeatMorphology.Mean(ofBeat);
        }

        return Classify(beats, morphologies, samplingFrequency, gaps);
    }

    private static BeatClass[] Classify(
        IReadOnlyList<Beat> beats, BeatMorphology?[] morphologies, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var logs = LogIntervals(beats, samplingFrequency, gaps);
        var classes = new BeatClass[beats.Count];
        for (var i = 0; i < classes.Length; i++)
        {
            var (early, earliness, late, change) = Timing(logs, i);
            var one = morphologies[i] ?? default;
            var dissimilarity = Math.Sqrt(Math.Clamp(one.Dissimilarity, 0, 2));
            var ventricular = Sum(
                Ventricular, dissimilarity, one.Width, one.Slowness, one.Prematurity, earliness, change, early * dissimilarity);
            classes[i] = ventricular > 0 ? BeatClass.V
                : Sum(Supraventricular, early, earliness, late) > 0 ? BeatClass.S
                : BeatClass.N;
        }

        return classes;
    }

    /// <summary>Returns the morphology of the lead's beat nearest to each fused beat; null if none is within reach.</summary>
    private static BeatMorphology?[] Match(IReadOnlyList<Beat> beats, BeatsWithMorphology lead, double reach)
    {
        var morphologies = new BeatMorphology?[beats.Count];
        var k = 0;
        for (var i = 0; i < morphologies.Length && lead.Beats.Count > 0; i++)
        {
            double Distance(int at) => Math.Abs(lead.Beats[at].Sample - beats[i].Sample);
            while (k + 1 < lead.Beats.Count && Distance(k + 1) <= Distance(k))
            {
                k++;
            }

            morphologies[i] = Distance(k) <= reach ? lead.Morphologies[k] : null;
        }

        return morphologies;
    }

    /// <summary>Returns the logarithm of the interval after each beat except the last; NaN if it contains a gap or is a pause.</summary>
    private static double[] LogIntervals(IReadOnlyList<Beat> beats, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var logs = new double[Math.Max(0, beats.Count - 1)];
        var walk = new GapWalk(gaps);
        for (var i = 0; i < logs.Length; i++)
        {
            var (start, end) = (beats[i].Sample, beats[i + 1].Sample);
            var seconds = (end - start) / samplingFrequency;
            logs[i] = !walk.HasGap(start, end) && seconds < LongestS ? Math.Log(seconds) : double.NaN;
        }

        return logs;
    }

    /// <summary>
    /// Returns the prematurity of a beat compared with the intervals around it, absolutely and relative to their spread, the delay of
    /// the next beat, and the change from the interval before to the interval after it.
    /// </summary>
    private static (double Early, double Earliness, double Late, double Change) Timing(double[] logs, int i)
    {
        Span<double> around = stackalloc double[IntervalsBefore + IntervalsAfter];
        var count = 0;
        for (var k = Math.Max(0, i - IntervalsBefore); k < Math.Min(logs.Length, i + IntervalsAfter + 1); k++)
        {
            if (k != i - 1 && !double.IsNaN(logs[k]))
            {
                around[count++] = logs[k];
            }
        }

        var (before, after) = (i > 0 ? logs[i - 1] : double.NaN, i < logs.Length ? logs[i] : double.NaN);
        var change = ZeroIfNaN(Math.Clamp(after - before, -1, 1));
        if (count < FewestIntervals)
        {
            return (0, 0, 0, change);
        }

        around = around[..count];
        var median = LowerMedian.Compute(around);
        foreach (ref var log in around)
        {
            log = Math.Abs(log - median);
        }

        var early = ZeroIfNaN(Math.Clamp(median - before, 0, 0.7));
        var earliness = Math.Min(early / Math.Max(LowerMedian.Compute(around), SmallestSpread), 12);
        return (early, earliness, ZeroIfNaN(Math.Clamp(after - median, -0.7, 0.7)), change);
    }

    private static double ZeroIfNaN(double value) => double.IsNaN(value) ? 0 : value;

    private static double Sum(double[] weights, params ReadOnlySpan<double> features)
    {
        var sum = weights[0];
        for (var k = 0; k < features.Length; k++)
        {
            sum += weights[k + 1] * features[k];
        }

        return sum;
    }
}

/// <summary>Represents the beats of a lead with their morphologies.</summary>
/// <param name="Beats">In order of time.</param>
/// <param name="Morphologies">One for each beat.</param>
internal sealed record BeatsWithMorphology(IReadOnlyList<Beat> Beats, IReadOnlyList<BeatMorphology> Morphologies);
