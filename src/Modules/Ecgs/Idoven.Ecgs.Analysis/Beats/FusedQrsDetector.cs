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
        var all = leads.Select(lead => new LeadCandidates(lead.Candidates)).ToArray();
        var best = Enumerable.Range(0, leads.Count).MaxBy(l => clarities[l].Mean);
        var moments = new List<FusedMoment>();
        foreach (var (lead, index) in Order(all))
        {
            ct.ThrowIfCancellationRequested();
            if (all[lead].IsTaken[index])
            {
                continue;
            }

            var sample = all[lead].Samples[index];
            double odds = 0, weights = 0;
            var mark = sample;
            for (var l = 0; l < all.Length; l++)
            {
                var k = l == lead ? index : all[l].Nearest(sample, reach);
                var weight = clarities[l].At(sample);
                weights += weight;
                odds += weight * (k < 0 ? AbsentOdds : Math.Clamp(all[l].Scores[k], -MostOdds, MostOdds));
                if (k >= 0)
                {
                    all[l].IsTaken[k] = true;
                    mark = l == best && all[l].Scores[k] > 0 ? all[l].Samples[k] : mark;
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

    /// <summary>All candidates, the surest first; of equals those of the first lead, in order of time.</summary>
    private static IEnumerable<(int Lead, int Index)> Order(LeadCandidates[] leads)
    {
        var doubts = new double[leads.Sum(lead => lead.Scores.Length)];
        var (places, count) = (new int[doubts.Length], 0);
        foreach (var score in leads.SelectMany(lead => lead.Scores))
        {
            (doubts[count], places[count]) = (-score, count);
            count++;
        }

        Array.Sort(doubts, places);
        for (int first = 0, end = 1; first < count; first = end++)
        {
            while (end < count && doubts[end].Equals(doubts[first]))
            {
                end++;
            }

            places.AsSpan(first, end - first).Sort();
        }

        foreach (var place in places)
        {
            var (lead, index) = (0, place);
            for (; index >= leads[lead].Scores.Length; lead++)
            {
                index -= leads[lead].Scores.Length;
            }

            yield return (lead, index);
        }
    }

    /// <summary>The candidates of a lead, and which of them were put together with others.</summary>
    private sealed class LeadCandidates(IReadOnlyList<Beat> candidates)
    {
        public double[] Samples { get; } = [.. candidates.Select(candidate => candidate.Sample)];

        public double[] Scores { get; } = [.. candidates.Select(candidate => candidate.Score)];

        public bool[] IsTaken { get; } = new bool[candidates.Count];

        /// <summary>The nearest that is not taken; -1 where none is within reach.</summary>
        public int Nearest(double sample, double reach)
        {
            int low = 0, high = Samples.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = Samples[middle] < sample - reach ? (middle + 1, high) : (low, middle);
            }

            var nearest = -1;
            for (var k = low; k < Samples.Length && Samples[k] <= sample + reach; k++)
            {
                if (!IsTaken[k] && (nearest < 0 || Math.Abs(Samples[k] - sample) < Math.Abs(Samples[nearest] - sample)))
                {
                    nearest = k;
                }
            }

            return nearest;
        }
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
