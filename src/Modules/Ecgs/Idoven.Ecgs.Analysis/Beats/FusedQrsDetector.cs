using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Detects the beats of a recording from the candidates of all leads. The log-odds of candidates at the same time are added over the
/// leads, each weighted by how distinct the lead's own beats are around it, so a lead that is off or noisy has little influence. The
/// beats are again the most probable sequence (<see cref="BeatPath"/>).
/// </summary>
public static class FusedQrsDetector
{
    /// <summary>The name of the method in insight documents.</summary>
    public const string Name = "qrs-path-fused-1";

    // The same heart beat peaks at different times on different leads.
    private const double SameMs = 100;
    private const double MostOdds = 4;
    private const double AbsentOdds = -5;
    private const double DistinctOdds = 3;
    private const double Bias = -0.5;
    private const int Rounds = 4;
    private const int BeatsEachSide = 8;
    private const double ReachS = 5;
    private const double Rate = 180;

    /// <summary>Detects the beats.</summary>
    /// <param name="leads">The result of <see cref="QrsDetector"/> for each lead.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="ct">Checked for each candidate.</param>
    /// <returns>The beats in order of time.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<Beat> Detect(IReadOnlyList<DetectedBeats> leads, double samplingFrequency, CancellationToken ct = default)
    {
        if (leads.Count == 1)
        {
            return leads[0].Beats;
        }

        var weights = leads.Select(lead => new LeadWeight(lead, ReachS * samplingFrequency)).ToArray();
        var candidates = Fuse(leads, weights, samplingFrequency, ct).ToArray();
        var path = new BeatPath(Rate);
        foreach (var candidate in candidates)
        {
            candidate.IsBeat = candidate.Score > 0;
        }

        for (var round = 0; round < Rounds; round++)
        {
            path.Select(candidates, Bias, ct);
        }

        return [.. candidates.Where(candidate => candidate.IsBeat).Select(candidate => new Beat(candidate.Sample, candidate.Score))];
    }

    /// <summary>
    /// Joins the leads' candidates: in descending order of log-odds, each with the nearest candidate of every other lead.
    /// </summary>
    private static List<FusedCandidate> Fuse(
        IReadOnlyList<DetectedBeats> leads, LeadWeight[] leadWeights, double samplingFrequency, CancellationToken ct)
    {
        var reach = SameMs * samplingFrequency / 1000;
        var all = leads.Select(lead => new LeadCandidates(lead.Candidates)).ToArray();
        var best = Enumerable.Range(0, leads.Count).MaxBy(l => leadWeights[l].MeanOdds);
        var fused = new List<FusedCandidate>();
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
                var weight = leadWeights[l].ComputeAt(sample);
                weights += weight;
                odds += weight * (k < 0 ? AbsentOdds : Math.Clamp(all[l].Scores[k], -MostOdds, MostOdds));
                if (k >= 0)
                {
                    all[l].IsTaken[k] = true;
                    mark = l == best && all[l].Scores[k] > 0 ? all[l].Samples[k] : mark;
                }
            }

            fused.Add(new FusedCandidate
            {
                Index = (int)Math.Round(sample / samplingFrequency * Rate),
                Sample = mark,
                Score = weights > 0 ? odds / Math.Sqrt(weights) : -MostOdds,
            });
        }

        fused.Sort((a, b) => a.Index != b.Index ? a.Index.CompareTo(b.Index) : a.Sample.CompareTo(b.Sample));
        return fused;
    }

    /// <summary>Returns all candidates in descending order of log-odds; equal ones by lead, then in order of time.</summary>
    private static IEnumerable<(int Lead, int Index)> Order(LeadCandidates[] leads)
    {
        var negatedOdds = new double[leads.Sum(lead => lead.Scores.Length)];
        var (places, count) = (new int[negatedOdds.Length], 0);
        foreach (var score in leads.SelectMany(lead => lead.Scores))
        {
            (negatedOdds[count], places[count]) = (-score, count);
            count++;
        }

        Array.Sort(negatedOdds, places);
        for (int first = 0, end = 1; first < count; first = end++)
        {
            while (end < count && negatedOdds[end].Equals(negatedOdds[first]))
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

    /// <summary>The candidates of a lead, and which of them were joined with others.</summary>
    private sealed class LeadCandidates(IReadOnlyList<Beat> candidates)
    {
        public double[] Samples { get; } = [.. candidates.Select(candidate => candidate.Sample)];

        public double[] Scores { get; } = [.. candidates.Select(candidate => candidate.Score)];

        public bool[] IsTaken { get; } = new bool[candidates.Count];

        /// <summary>Returns the nearest candidate that is not taken; -1 if none is within reach.</summary>
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

    private sealed class FusedCandidate : BeatCandidate
    {
        public required double Sample { get; init; }
    }

    /// <summary>The weight of a lead, by how distinct its beats are.</summary>
    private sealed class LeadWeight
    {
        private readonly IReadOnlyList<SampleRange> gaps;
        private readonly double reach;
        private readonly double[] beats;
        private readonly double[] sums;

        public LeadWeight(DetectedBeats lead, double reach)
        {
            this.reach = reach;
            gaps = lead.Gaps;
            beats = new double[lead.Beats.Count];
            sums = new double[beats.Length + 1];
            for (var k = 0; k < beats.Length; k++)
            {
                beats[k] = lead.Beats[k].Sample;
                sums[k + 1] = sums[k] + Math.Clamp(lead.Beats[k].Score / DistinctOdds, 0, 1);
            }

            MeanOdds = beats.Length == 0 ? double.NegativeInfinity : lead.Beats.Average(beat => beat.Score);
        }

        /// <summary>Mean log-odds of all beats of the lead.</summary>
        public double MeanOdds { get; }

        /// <summary>Computes the weight around a position: from 0 (no signal, no beats, or no distinct ones) to 1.</summary>
        public double ComputeAt(double sample)
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
