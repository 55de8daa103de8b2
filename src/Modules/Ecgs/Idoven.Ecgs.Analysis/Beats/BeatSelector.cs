using System.Runtime.InteropServices;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Selects the candidates that are beats, using the signal before and after each. Each candidate gets log-odds from a comparison with the
/// beats and the other peaks around it (adaptive levels as in Pan and Tompkins, 1985: A real-time QRS detection algorithm; similarity to
/// other beats instead of a learned template). The beats are the most probable sequence under these log-odds and a renewal model of the
/// RR intervals around (<see cref="BeatPath"/>). Levels, similarity and intervals need beats, so this repeats in rounds: with a low bias
/// first, and a higher one when there are beats to compare with. It replaces thresholds, search back and T wave rules.
/// </summary>
internal sealed class BeatSelector(double rate, int waveformLength, int lag)
{
    // Added to the log-odds in each round.
    internal static readonly double[] RoundBias = [-1.61, -0.85, 2.1, 2, 1.56, 0.47];

    private const int NeighboursEachSide = CandidateFeatures.MostNeighbours / 2;
    private const int PeaksEachSide = 14;
    private const int Block = 4;
    private const double CompetitionS = 0.36;

    private readonly BeatPath path = new(rate);
    private readonly TemplateFinder templateFinder = new(waveformLength - (2 * lag));
    private readonly List<CandidateFeatures> featurePool = [];
    private readonly List<int> beats = [];
    private readonly int[] others = new int[CandidateFeatures.MostNeighbours];
    private readonly Waveform scratch = new(waveformLength - (2 * lag), 0);
    private (double Energy, double Sharp)[] noise = [];
    private double[] gains = [];
    private bool[] wasBeat = [];

    // For each candidate, how many up to it have changed their selection or their log-odds since the round before.
    private int[] changed = [];
    private int[] rescored = [];

    // Weights of the constant and of each feature in the order of CandidateFeatures.Score: fitted by logistic regression over all
    // candidates of the development recordings, then adjusted stepwise for the fewest errors after path selection.
    internal static readonly double[] Weights = [-2, 0.38, 3.7, 2.4, 0.98, -0.89, 0.95, 1.26, 2.63, 3.66, 3.5];

    /// <summary>Sets <see cref="BeatCandidate.IsBeat"/> and <see cref="BeatCandidate.Score"/> of each candidate.</summary>
    /// <param name="candidates">In order of time.</param>
    /// <param name="ct">Checked between rounds.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Select(ReadOnlySpan<Candidate> candidates, CancellationToken ct)
    {
        SelectInitialBeats(candidates);
        var features = Prepare(candidates);
        var templates = BeatTemplates.None;
        templateFinder.Reset();
        for (var round = 0; round < RoundBias.Length; round++)
        {
            ct.ThrowIfCancellationRequested();
            CountChanged(candidates, isFirst: round == 0);
            Score(candidates, features, templates);
            RaiseUncommonBeats(candidates, features);
            path.Select(candidates, RoundBias[round], ct);
            if (round % 2 == 0)
            {
                templates = templateFinder.Find(candidates);
            }
        }
    }

    /// <summary>Returns reset features for each candidate, and grows the buffers that are kept from round to round.</summary>
    private ReadOnlySpan<CandidateFeatures> Prepare(ReadOnlySpan<Candidate> candidates)
    {
        while (featurePool.Count < candidates.Length)
        {
            featurePool.Add(new CandidateFeatures());
        }

        if (changed.Length <= candidates.Length)
        {
            (changed, rescored, wasBeat) = (new int[candidates.Length + 1], new int[candidates.Length + 1], new bool[candidates.Length]);
            noise = new (double, double)[Blocks(candidates.Length)];
            gains = new double[noise.Length];
        }

        var features = CollectionsMarshal.AsSpan(featurePool)[..candidates.Length];
        for (var i = 0; i < features.Length; i++)
        {
            features[i].Reset(Highest(candidates, i, -1, CompetitionS), Highest(candidates, i, 1, CompetitionS));
        }

        return features;
    }

    private void CountChanged(ReadOnlySpan<Candidate> candidates, bool isFirst)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            changed[i + 1] = changed[i] + (isFirst || candidates[i].IsBeat != wasBeat[i] ? 1 : 0);
            wasBeat[i] = candidates[i].IsBeat;
        }
    }

    /// <summary>Makes the initial selection: isolated peaks that reach 40 % of the highest peaks around.</summary>
    private void SelectInitialBeats(ReadOnlySpan<Candidate> candidates)
    {
        const double WindowS = 1.5, IsolationS = 0.25, Share = 0.4;
        const int WindowsEachSide = 6;
        if (candidates.IsEmpty)
        {
            return;
        }

        var first = Window(candidates[0]);
        var highest = new double[Window(candidates[^1]) - first + 1];
        Array.Fill(highest, double.NegativeInfinity);
        int Window(Candidate candidate) => (int)Math.Floor(candidate.Index / (WindowS * rate));
        foreach (var candidate in candidates)
        {
            ref var window = ref highest[Window(candidate) - first];
            window = Math.Max(window, candidate.Energy);
        }

        // Windows without a peak are left out of the median.
        Span<double> around = stackalloc double[(2 * WindowsEachSide) + 1];
        var (last, median) = (-1, double.NaN);
        for (var i = 0; i < candidates.Length; i++)
        {
            var at = Window(candidates[i]) - first;
            if (at != last)
            {
                var count = 0;
                for (var w = Math.Max(0, at - WindowsEachSide); w <= Math.Min(highest.Length - 1, at + WindowsEachSide); w++)
                {
                    if (!double.IsNegativeInfinity(highest[w]))
                    {
                        around[count++] = highest[w];
                    }
                }

                (last, median) = (at, LowerMedian.Compute(around[..count]));
            }

            var highestAround = Math.Max(Highest(candidates, i, -1, IsolationS), Highest(candidates, i, 1, IsolationS));
            var isBeat = candidates[i].Energy >= Math.Log(Share) + median && candidates[i].Energy >= highestAround;
            candidates[i].IsInitialBeat = candidates[i].IsBeat = isBeat;
        }
    }

    private void Score(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<CandidateFeatures> features, BeatTemplates templates)
    {
        FindNoise(candidates);
        beats.Clear();
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].IsBeat)
            {
                beats.Add(i);
            }
        }

        var all = CollectionsMarshal.AsSpan(beats);
        var (next, levels, levelsOf) = (0, default(NeighbourLevels), -1);
        for (var i = 0; i < candidates.Length; i++)
        {
            while (next < all.Length && all[next] < i)
            {
                next++;
            }

            // A beat is not a neighbour of itself. All candidates between two beats have the same neighbours.
            var isBeat = next < all.Length && all[next] == i;
            var (from, after) = (Math.Max(0, next - NeighboursEachSide), isBeat ? next + 1 : next);
            var end = Math.Min(all.Length, after + NeighboursEachSide);
            ReadOnlySpan<int> near = all[from..end];
            if (isBeat)
            {
                all[from..next].CopyTo(others);
                all[after..end].CopyTo(others.AsSpan(next - from));
                near = others.AsSpan(0, end - from - 1);
            }

            if (!features[i].HasNeighbours(near))
            {
                if (isBeat || levelsOf != next)
                {
                    (levels, levelsOf) = (NeighbourLevels.Compute(candidates, near), isBeat ? -1 : next);
                }

                features[i].SetNeighbours(near, levels);
            }

            var hasChanged = features[i].Score(candidates, candidates[i], noise[i / Block], templates, Weights, scratch);
            rescored[i + 1] = rescored[i] + (hasChanged ? 1 : 0);
        }
    }

    /// <summary>
    /// Raises the log-odds of high peaks by a share of the distance between the log-odds of beats and of other peaks, if that distance is
    /// large: a high peak between the two is then more likely a beat of another morphology than noise.
    /// </summary>
    private void RaiseUncommonBeats(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<CandidateFeatures> features)
    {
        const double FarFrom = 10, FarTo = 30, Share = 0.3, LowHeight = 0.4, HighHeight = 0.6;
        Span<double> ofBeats = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> ofOthers = stackalloc double[ofBeats.Length];
        for (var b = 0; b < Blocks(candidates.Length); b++)
        {
            var (first, end) = Around(b, candidates.Length);
            if (changed[first] == changed[end] && rescored[first] == rescored[end])
            {
                continue;
            }

            var (beatCount, otherCount) = (0, 0);
            for (var k = first; k < end; k++)
            {
                if (candidates[k].IsBeat)
                {
                    ofBeats[beatCount++] = features[k].Odds;
                }
                else
                {
                    ofOthers[otherCount++] = features[k].Odds;
                }
            }

            var distance = LowerMedian.Compute(ofBeats[..beatCount]) - LowerMedian.Compute(ofOthers[..otherCount]);
            gains[b] = distance > FarFrom ? Share * (Math.Min(distance, FarTo) - FarFrom) : 0;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            var share = Math.Clamp((features[i].Height - LowHeight) / (HighHeight - LowHeight), 0, 1);
            candidates[i].Score = features[i].Odds + (gains[i / Block] * share);
        }
    }

    private static int Blocks(int count) => (count + Block - 1) / Block;

    /// <summary>Returns the range of candidates around a block of neighbouring ones: levels are computed once for a block.</summary>
    private static (int First, int End) Around(int block, int count) =>
        (Math.Max(0, (block * Block) - PeaksEachSide), Math.Min(count, ((block + 1) * Block) + PeaksEachSide));

    /// <summary>Computes the median envelopes of the peaks around that are not beats, for each block of neighbouring candidates.</summary>
    private void FindNoise(ReadOnlySpan<Candidate> candidates)
    {
        Span<double> energies = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> sharps = stackalloc double[energies.Length];
        for (var b = 0; b < Blocks(candidates.Length); b++)
        {
            var (first, end) = Around(b, candidates.Length);
            if (changed[first] == changed[end])
            {
                continue;
            }

            var count = 0;
            for (var k = first; k < end; k++)
            {
                if (!candidates[k].IsBeat)
                {
                    (energies[count], sharps[count]) = (candidates[k].Energy, candidates[k].Sharp);
                    count++;
                }
            }

            noise[b] = (LowerMedian.Compute(energies[..count]), LowerMedian.Compute(sharps[..count]));
        }
    }

    /// <summary>Returns the highest peak of the envelope within some time before (-1) or after (1) a candidate.</summary>
    private double Highest(ReadOnlySpan<Candidate> candidates, int i, int step, double seconds)
    {
        var highest = double.NegativeInfinity;
        bool IsNear(int k, ReadOnlySpan<Candidate> all) => Math.Abs(all[i].Index - all[k].Index) <= seconds * rate;
        for (var k = i + step; k >= 0 && k < candidates.Length && IsNear(k, candidates); k += step)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }
}
