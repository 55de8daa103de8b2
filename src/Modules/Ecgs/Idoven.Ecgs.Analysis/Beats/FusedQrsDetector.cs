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
    public static IReadOnlyList<Beat> Detect(IReadOnlyList<LeadBeats> leads, double samplingFrequency)
    {
        if (leads.Count == 1)
        {
            return leads[0].Beats;
        }

        var moments = Gather(leads, [.. leads.Select(lead => new Clarity(lead, ReachS * samplingFrequency))], samplingFrequency).ToArray();
        var path = new BeatPath(Rate);
        foreach (var moment in moments)
        {
            moment.IsBeat = moment.Score > 0;
        }

        for (var round = 0; round < Rounds; round++)
        {
            path.Select(moments, Boldness);
        }

        return [.. moments.Where(moment => moment.IsBeat).Select(moment => new Beat(moment.Sample, moment.Score))];
    }

    /// <summary>Puts the leads' candidates together: the surest first, each with the nearest of every other lead.</summary>
    private static List<FusedMoment> Gather(IReadOnlyList<LeadBeats> leads, Clarity[] clarities, double samplingFrequency)
    {
        var reach = SameMs * samplingFrequency / 1000;
        var taken = leads.Select(lead => new bool[lead.Candidates.Count]).ToArray();
        var order = leads.SelectMany((lead, l) => lead.Candidates.Select((candidate, k) => (Lead: l, Index: k, candidate.Score)))
            .OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Lead).ThenBy(candidate => candidate.Index);
        var best = Enumerable.Range(0, leads.Count).MaxBy(l => clarities[l].Mean);
        var moments = new List<FusedMoment>();
        foreach (var (lead, index, _) in order)
        {
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
        private readonly LeadBeats lead;
        private readonly double reach;
        private readonly IReadOnlyList<Beat> beats;
        private readonly double[] sums;

        public Clarity(LeadBeats lead, double reach)
        {
            this.lead = lead;
            this.reach = reach;
            beats = lead.Beats;
            sums = new double[beats.Count + 1];
            for (var k = 0; k < beats.Count; k++)
            {
                sums[k + 1] = sums[k] + Math.Clamp(beats[k].Score / ClearOdds, 0, 1);
            }

            Mean = beats.Count == 0 ? double.NegativeInfinity : beats.Average(beat => beat.Score);
        }

        /// <summary>Mean log-odds of all its beats.</summary>
        public double Mean { get; }

        /// <summary>Around a moment: from 0 (no signal, no beats, or none that stand out) to 1.</summary>
        public double At(double sample)
        {
            if (lead.Gaps.Any(gap => gap.Contains(sample)))
            {
                return 0;
            }

            var middle = FirstFrom(sample);
            var first = Math.Max(FirstFrom(sample - reach), middle - BeatsEachSide);
            var end = Math.Min(FirstFrom(sample + reach), middle + BeatsEachSide);
            return end == first ? 0 : (sums[end] - sums[first]) / (end - first);
        }

        private int FirstFrom(double sample)
        {
            int low = 0, high = beats.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = beats[middle].Sample < sample ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
