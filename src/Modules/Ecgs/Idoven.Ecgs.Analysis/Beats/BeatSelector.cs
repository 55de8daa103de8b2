using System.Runtime.InteropServices;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Decides which candidates are beats, looking both ways in time. Each candidate has log-odds by how it compares with the beats and the
/// other peaks around it (adaptive levels as in Pan and Tompkins, 1985: A real-time QRS detection algorithm; likeness to other beats
/// instead of a learnt template); the beats are the most probable sequence under these odds and a renewal model of the RR intervals
/// around (<see cref="BeatPath"/>). Levels, likeness and intervals need beats, so this repeats: cautious at first, bolder when there
/// are beats to compare with. It replaces thresholds, search back and T wave rules.
/// </summary>
internal sealed class BeatSelector(double rate, int shapeLength, int lag)
{
    // Log-odds added in each round.
    internal static readonly double[] Boldness = [-1.61, -0.85, 2.1, 2, 1.56, 0.47];

    private const int NeighboursEachSide = Context.MostNeighbours / 2;
    private const int PeaksEachSide = 14;
    private const int Block = 4;
    private const double CompetitionS = 0.36;

    private readonly BeatPath path = new(rate);
    private readonly MorphologyFinder morphologyFinder = new(shapeLength - (2 * lag));
    private readonly List<Context> contextPool = [];
    private readonly List<int> beats = [];
    private readonly int[] others = new int[Context.MostNeighbours];
    private readonly Shape scratch = new(shapeLength - (2 * lag), 0);
    private (double Energy, double Sharp)[] noise = [];
    private double[] gains = [];
    private bool[] wasBeat = [];

    // How many up to each candidate are no longer what they were in the round before.
    private int[] turned = [];
    private int[] rescored = [];

    // Of the constant and of each feature in the order of Context.Score: a logistic regression over all candidates of the development
    // recordings, then improved step by step for the fewest errors after the path.
    internal static readonly double[] Weights = [-2, 0.38, 3.7, 2.4, 0.98, -0.89, 0.95, 1.26, 2.63, 3.66, 3.5];

    /// <summary>Sets <see cref="Moment.IsBeat"/> and <see cref="Moment.Score"/> of each candidate.</summary>
    /// <param name="candidates">In order of time.</param>
    /// <param name="ct">Ends it between two rounds.</param>
    public void Select(ReadOnlySpan<Candidate> candidates, CancellationToken ct)
    {
        Begin(candidates);
        var contexts = Prepare(candidates);
        var morphologies = Morphologies.None;
        morphologyFinder.Begin();
        for (var round = 0; round < Boldness.Length; round++)
        {
            ct.ThrowIfCancellationRequested();
            CountTurned(candidates, isFirst: round == 0);
            Score(candidates, contexts, morphologies);
            Encourage(candidates, contexts);
            path.Select(candidates, Boldness[round], ct);
            if (round % 2 == 0)
            {
                morphologies = morphologyFinder.Find(candidates);
            }
        }
    }

    /// <summary>A context for each candidate, and room for all that is kept from round to round.</summary>
    private ReadOnlySpan<Context> Prepare(ReadOnlySpan<Candidate> candidates)
    {
        while (contextPool.Count < candidates.Length)
        {
            contextPool.Add(new Context());
        }

        if (turned.Length <= candidates.Length)
        {
            (turned, rescored, wasBeat) = (new int[candidates.Length + 1], new int[candidates.Length + 1], new bool[candidates.Length]);
            noise = new (double, double)[Blocks(candidates.Length)];
            gains = new double[noise.Length];
        }

        var contexts = CollectionsMarshal.AsSpan(contextPool)[..candidates.Length];
        for (var i = 0; i < contexts.Length; i++)
        {
            contexts[i].Begin(Highest(candidates, i, -1, CompetitionS), Highest(candidates, i, 1, CompetitionS));
        }

        return contexts;
    }

    private void CountTurned(ReadOnlySpan<Candidate> candidates, bool isFirst)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            turned[i + 1] = turned[i] + (isFirst || candidates[i].IsBeat != wasBeat[i] ? 1 : 0);
            wasBeat[i] = candidates[i].IsBeat;
        }
    }

    /// <summary>A first guess: peaks that stand alone and reach 40 % of the highest peaks around.</summary>
    private void Begin(ReadOnlySpan<Candidate> candidates)
    {
        const double WindowS = 1.5, AloneS = 0.25, Share = 0.4;
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

        // Windows without a peak don't count.
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

                (last, median) = (at, Ranks.LowerMedian(around[..count]));
            }

            candidates[i].IsGuessed = candidates[i].IsBeat = candidates[i].Energy >= Math.Log(Share) + median
                && candidates[i].Energy >= Math.Max(Highest(candidates, i, -1, AloneS), Highest(candidates, i, 1, AloneS));
        }
    }

    private void Score(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Context> contexts, Morphologies morphologies)
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
        var (next, levels, levelsOf) = (0, default(Levels), -1);
        for (var i = 0; i < candidates.Length; i++)
        {
            while (next < all.Length && all[next] < i)
            {
                next++;
            }

            // A beat is no neighbour of itself; what lies between two beats has the same neighbours.
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

            if (!contexts[i].Knows(near))
            {
                if (isBeat || levelsOf != next)
                {
                    (levels, levelsOf) = (Levels.Of(candidates, near), isBeat ? -1 : next);
                }

                contexts[i].Update(near, levels);
            }

            var isOther = contexts[i].Score(candidates, candidates[i], noise[i / Block], morphologies, Weights, scratch);
            rescored[i + 1] = rescored[i] + (isOther ? 1 : 0);
        }
    }

    /// <summary>
    /// Where beats and others lie far apart, what lies between and is high is rather a beat of another form than a disturbance: it
    /// gains a share of the distance.
    /// </summary>
    private void Encourage(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Context> contexts)
    {
        const double FarFrom = 10, FarTo = 30, Share = 0.3, LowHeight = 0.4, HighHeight = 0.6;
        Span<double> ofBeats = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> ofOthers = stackalloc double[ofBeats.Length];
        for (var b = 0; b < Blocks(candidates.Length); b++)
        {
            var (first, end) = Around(b, candidates.Length);
            if (turned[first] == turned[end] && rescored[first] == rescored[end])
            {
                continue;
            }

            var (beatCount, otherCount) = (0, 0);
            for (var k = first; k < end; k++)
            {
                if (candidates[k].IsBeat)
                {
                    ofBeats[beatCount++] = contexts[k].Odds;
                }
                else
                {
                    ofOthers[otherCount++] = contexts[k].Odds;
                }
            }

            var distance = Ranks.LowerMedian(ofBeats[..beatCount]) - Ranks.LowerMedian(ofOthers[..otherCount]);
            gains[b] = distance > FarFrom ? Share * (Math.Min(distance, FarTo) - FarFrom) : 0;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            candidates[i].Score = contexts[i].Odds + (gains[i / Block] * Math.Clamp((contexts[i].Height - LowHeight) / (HighHeight - LowHeight), 0, 1));
        }
    }

    private static int Blocks(int count) => (count + Block - 1) / Block;

    /// <summary>The candidates that are around a block of neighbouring ones: levels are taken once for a block.</summary>
    private static (int First, int End) Around(int block, int count) =>
        (Math.Max(0, (block * Block) - PeaksEachSide), Math.Min(count, ((block + 1) * Block) + PeaksEachSide));

    /// <summary>Median envelopes of the peaks around that are no beats, for each block of neighbouring candidates.</summary>
    private void FindNoise(ReadOnlySpan<Candidate> candidates)
    {
        Span<double> energies = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> sharps = stackalloc double[energies.Length];
        for (var b = 0; b < Blocks(candidates.Length); b++)
        {
            var (first, end) = Around(b, candidates.Length);
            if (turned[first] == turned[end])
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

            noise[b] = (Ranks.LowerMedian(energies[..count]), Ranks.LowerMedian(sharps[..count]));
        }
    }

    /// <summary>The highest peak of the envelope within some time before (-1) or after (1) a candidate.</summary>
    private double Highest(ReadOnlySpan<Candidate> candidates, int i, int step, double seconds)
    {
        var highest = double.NegativeInfinity;
        for (var k = i + step; k >= 0 && k < candidates.Length && Math.Abs(candidates[i].Index - candidates[k].Index) <= seconds * rate; k += step)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }
}
