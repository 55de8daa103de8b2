using Idoven.Ecgs.Analysis.Accuracy;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Classes;

/// <summary>
/// Classes of beats by prematurity, width and likeness to the form that prevails (the features of de Chazal, O'Dwyer and Reilly, 2004:
/// Automatic classification of heartbeats using ECG morphology and heartbeat interval features), by two logistic regressions: first
/// whether a beat is ventricular, then whether it is supraventricular. Beyond the source, forms are compared with those of
/// the same recording, in ratios only, and every feature is a mean over the leads.
/// </summary>
internal static class BeatClassifier
{
    // Fitted on the development records of MIT-BIH that are not paced; with each record left out in turn, the rest finds of its ventricular
    // beats as many as docs/insights.md says.
    private static readonly double[] Ventricular = [-7.61, 1.88, 4.07, 2.44, 7.78, 0.19, 1.46, 1.5];
    private static readonly double[] Supraventricular = [-5.15, -8.53, 0.96, 3.87];

    private const int IntervalsBefore = 12;
    private const int IntervalsAfter = 10;
    private const int FewestIntervals = 3;
    private const double LongestS = 3;
    private const double SmallestSpread = 0.02;
    private const double SameMs = 100;

    /// <summary>Classes of the beats of one lead.</summary>
    public static BeatClass[] Classify(LeadBeats lead, double samplingFrequency) =>
        Classify(lead.Beats, [.. lead.Forms.Select(form => (BeatForm?)form)], samplingFrequency, lead.Gaps);

    /// <summary>Classes of the beats of all leads together.</summary>
    /// <param name="beats">The fused beats.</param>
    /// <param name="leads">Each lead's own.</param>
    /// <param name="samplingFrequency">Samples a second.</param>
    /// <param name="gaps">Where there are no beats to be found on any lead.</param>
    public static BeatClass[] Classify(IReadOnlyList<Beat> beats, IReadOnlyList<LeadBeats> leads, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var reach = SameMs * samplingFrequency / 1000;
        var ofLeads = leads.Select(lead => Match(beats, lead, reach)).ToArray();
        var (forms, ofBeat) = (new BeatForm?[beats.Count], new BeatForm?[ofLeads.Length]);
        for (var i = 0; i < forms.Length; i++)
        {
            for (var l = 0; l < ofBeat.Length; l++)
            {
                ofBeat[l] = ofLeads[l][i];
            }

            forms[i] = BeatForm.Mean(ofBeat);
        }

        return Classify(beats, forms, samplingFrequency, gaps);
    }

    private static BeatClass[] Classify(IReadOnlyList<Beat> beats, BeatForm?[] forms, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var logs = LogIntervals(beats, samplingFrequency, gaps);
        var classes = new BeatClass[beats.Count];
        for (var i = 0; i < classes.Length; i++)
        {
            var (early, earliness, late, change) = Timing(logs, i);
            var form = forms[i] ?? default;
            var unlikeness = Math.Sqrt(Math.Clamp(form.Unlikeness, 0, 2));
            classes[i] =
                Sum(Ventricular, unlikeness, form.Width, form.Slowness, form.Prematurity, earliness, change, early * unlikeness) > 0 ? BeatClass.V
                : Sum(Supraventricular, early, earliness, late) > 0 ? BeatClass.S
                : BeatClass.N;
        }

        return classes;
    }

    /// <summary>The forms of the lead's beats that are the given ones; null where the lead has none.</summary>
    private static BeatForm?[] Match(IReadOnlyList<Beat> beats, LeadBeats lead, double reach)
    {
        var forms = new BeatForm?[beats.Count];
        var k = 0;
        for (var i = 0; i < forms.Length && lead.Beats.Count > 0; i++)
        {
            double Distance(int at) => Math.Abs(lead.Beats[at].Sample - beats[i].Sample);
            while (k + 1 < lead.Beats.Count && Distance(k + 1) <= Distance(k))
            {
                k++;
            }

            forms[i] = Distance(k) <= reach ? lead.Forms[k] : null;
        }

        return forms;
    }

    /// <summary>Logarithms of the intervals after each beat but the last; NaN where there is a gap or a pause.</summary>
    private static double[] LogIntervals(IReadOnlyList<Beat> beats, double samplingFrequency, IReadOnlyList<SampleRange> gaps)
    {
        var logs = new double[Math.Max(0, beats.Count - 1)];
        var walk = new GapWalk(gaps);
        for (var i = 0; i < logs.Length; i++)
        {
            var (start, end) = (beats[i].Sample, beats[i + 1].Sample);
            var seconds = (end - start) / samplingFrequency;
            logs[i] = !walk.Breaks(start, end) && seconds < LongestS ? Math.Log(seconds) : double.NaN;
        }

        return logs;
    }

    /// <summary>How early a beat comes beside the intervals around, absolutely and against their spread; how late the next one; and the change between the two.</summary>
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
        var change = Known(Math.Clamp(after - before, -1, 1));
        if (count < FewestIntervals)
        {
            return (0, 0, 0, change);
        }

        around = around[..count];
        var median = Ranks.LowerMedian(around);
        foreach (ref var log in around)
        {
            log = Math.Abs(log - median);
        }

        var early = Known(Math.Clamp(median - before, 0, 0.7));
        return (early, Math.Min(early / Math.Max(Ranks.LowerMedian(around), SmallestSpread), 12), Known(Math.Clamp(after - median, -0.7, 0.7)), change);
    }

    private static double Known(double value) => double.IsNaN(value) ? 0 : value;

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
