using Idoven.Ecgs.Analysis.Accuracy;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds the beats of a recording from what was found on each lead. Log-odds of the same moment add up over the leads, each weighted by
/// how clear the lead's own beats are around it, so a lead that is off or full of noise has little to say; the beats are again the
/// most probable sequence (<see cref="BeatPath"/>).
/// </summary>
public static class FusedQrsDetector
{
    /// <summary>The name under which results say how they were found.</summary>
    public const string Name = "qrs-path-fused-1";

    // The same heart beat peaks at different moments on different leads.
    private const double SameMs = 100;
    private const double MostOdds = 4;
    private const double AbsentOdds = -5;
    private const double ClearOdds = 3;
    private const double Boldness = -0.5;
    private const int Rounds = 4;
    private const int BeatsEachSide = 8;
    private const double ReachS = 5;
    private const double Rate = 180;

    /// <param name="leads">Each lead's result by <see cref="QrsDetector"/>.</param>
    /// <param name="samplingFrequency">Samples a second.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<Beat> Detect(IReadOnlyList<LeadBeats> leads, double samplingFrequency, CancellationToken ct = default)
    {
        if (leads.Count == 1)
        {
            return leads[0].Beats;
        }

        var moments = Gather(leads, [.. leads.Select(lead => new Clarity(lead, ReachS * samplingFrequency))], samplingFrequency, ct).ToArray();
        var path = new BeatPath(Rate);
        foreach (var moment in moments)
        {
            moment.IsBeat = moment.Score > 0;
        }

        for (var round = 0; round < Rounds; round++)
        {
            path.Select(moments, Boldness, ct);
        }

        return [.. moments.Where(moment => moment.IsBeat).Select(moment => new Beat(moment.Sample, moment.Score))];
    }

    /// <summary>Puts the leads' candidates together: the surest first, each with the nearest of every other lead.</summary>
    private static List<FusedMoment> Gather(IReadOnlyList<LeadBeats> leads, Clarity[] clarities, double samplingFrequency, CancellationToken ct)
    {
        var reach = SameMs * samplingFrequency / 1000;
        var taken = leads.Select(lead => new bool[lead.Candidates.Count]).ToArray();
        var order = Order(leads);
        var best = Enumerable.Range(0, leads.Count).MaxBy(l => clarities[l].Mean);
        var moments = new List<FusedMoment>();
        foreach (var (_, lead, index) in order)
        {
            ct.ThrowIfCancellationRequested();
            if (taken[lead][index])
            {
                continue;
            }

            var sample = leads[lead].Candidates[index].Sample;
            double odds = 0, weights = 0;
            var mark = sample;
            for (var l = 0; l < leads.Count; l++)
            {
                var k = l == lead ? index : Nearest(leads[l].Candidates, taken[l], sample, reach);
                var weight = clarities[l].At(sample);
                weights += weight;
                odds += weight * (k < 0 ? AbsentOdds : Math.Clamp(leads[l].Candidates[k].Score, -MostOdds, MostOdds));
                if (k >= 0)
                {
                    taken[l][k] = true;
                    mark = l == best && leads[l].Candidates[k].Score > 0 ? leads[l].Candidates[k].Sample : mark;
                }
            }

            moments.Add(new FusedMoment
            {
                Index = (int)Math.Round(sample / samplingFrequency * Rate),
                Sample = mark,
                Score = weights > 0 ? odds / Math.Sqrt(weights) : -MostOdds,
            });
        }

        moments.Sort((a, b) => a.Index != b.Index ? a.Index.CompareTo(b.Index) : a.Sample.CompareTo(b.Sample));
        return moments;
    }

    /// <summary>All candidates, the surest first.</summary>
    private static Span<(double Doubt, int Lead, int Index)> Order(IReadOnlyList<LeadBeats> leads)
    {
        var order = new (double Doubt, int Lead, int Index)[leads.Sum(lead => lead.Candidates.Count)];
        var count = 0;
        for (var l = 0; l < leads.Count; l++)
        {
            for (var k = 0; k < leads[l].Candidates.Count; k++)
            {
                order[count++] = (-leads[l].Candidates[k].Score, l, k);
            }
        }

        Array.Sort(order);
        return order;
    }

    private static int Nearest(IReadOnlyList<Beat> candidates, bool[] taken, double sample, double reach)
    {
        int low = 0, high = candidates.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = candidates[middle].Sample < sample - reach ? (middle + 1, high) : (low, middle);
        }

        var nearest = -1;
        for (var k = low; k < candidates.Count && candidates[k].Sample <= sample + reach; k++)
        {
            if (!taken[k] && (nearest < 0 || Math.Abs(candidates[k].Sample - sample) < Math.Abs(candidates[nearest].Sample - sample)))
            {
                nearest = k;
            }
        }

        return nearest;
    }

    private sealed class FusedMoment : Moment
    {
        public required double Sample { get; init; }
    }

    /// <summary>How clear a lead's beats are.</summary>
    private sealed class Clarity
    {
        private readonly IReadOnlyList<SampleRange> gaps;
        private readonly double reach;
        private readonly double[] beats;
        private readonly double[] sums;

        public Clarity(LeadBeats lead, double reach)
        {
            this.reach = reach;
            gaps = lead.Gaps;
            beats = new double[lead.Beats.Count];
            sums = new double[beats.Length + 1];
            for (var k = 0; k < beats.Length; k++)
            {
                beats[k] = lead.Beats[k].Sample;
                sums[k + 1] = sums[k] + Math.Clamp(lead.Beats[k].Score / ClearOdds, 0, 1);
            }

            Mean = beats.Length == 0 ? double.NegativeInfinity : lead.Beats.Average(beat => beat.Score);
        }

        /// <summary>Mean log-odds of all its beats.</summary>
        public double Mean { get; }

        /// <summary>Around a moment: from 0 (no signal, no beats, or none that stand out) to 1.</summary>
        public double At(double sample)
        {
            if (SampleRanges.Contains(gaps, sample))
            {
                return 0;
            }

            var middle = Array.BinarySearch(beats, sample);
            middle = middle < 0 ? ~middle : middle;
            var (first, end) = (middle, middle);
            while (first > 0 && first > middle - BeatsEachSide && beats[first - 1] >= sample - reach)
            {
                first--;
            }

            while (end < beats.Length && end < middle + BeatsEachSide && beats[end] < sample + reach)
            {
                end++;
            }

            return end == first ? 0 : (sums[end] - sums[first]) / (end - first);
        }
    }
}
