namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Decides which candidates are beats, looking both ways in time. Each candidate has log-odds by how it compares with the beats and the
/// other peaks around it (adaptive levels as in Pan and Tompkins, 1985: A real-time QRS detection algorithm; likeness to other beats
/// instead of a learnt template); the beats are the most probable sequence under these odds and a renewal model of the RR intervals
/// around (<see cref="BeatPath"/>). Levels, likeness and intervals need beats, so this repeats: cautious at first, bolder when there
/// are beats to compare with. It replaces thresholds, search back and T wave rules.
/// </summary>
internal sealed class BeatSelector(double rate, int lag)
{
    // Log-odds added in each round.
    internal static readonly double[] Boldness = [-1.61, -0.85, 2.1, 2, 1.56, 0.47];

    private const int NeighboursEachSide = 8;
    private const int PeaksEachSide = 14;
    private const int Block = 4;
    private const double CompetitionS = 0.36;

    private readonly BeatPath path = new(rate);

    // Of the constant and of each feature in the order of Context.LogOdds: a logistic regression over all candidates of the development
    // recordings, then improved step by step for the fewest errors after the path.
    internal static readonly double[] Weights = [-2, 0.38, 3.7, 2.4, 0.98, -0.89, 0.95, 1.26, 2.63, 3.66, 3.5];

    /// <summary>Sets <see cref="Moment.IsBeat"/> and <see cref="Moment.Score"/> of each candidate.</summary>
    /// <param name="candidates">In order of time.</param>
    public void Select(Candidate[] candidates)
    {
        var contexts = candidates.Select((candidate, i) => new Context(Highest(candidates, i, -1, CompetitionS), Highest(candidates, i, 1, CompetitionS))).ToArray();
        Begin(candidates);
        IReadOnlyList<Morphology> morphologies = [];
        for (var round = 0; round < Boldness.Length; round++)
        {
            Score(candidates, contexts, morphologies);
            Encourage(candidates, contexts);
            path.Select(candidates, Boldness[round]);
            if (round % 2 == 0)
            {
                morphologies = Morphology.Of(candidates, lag);
            }
        }
    }

    /// <summary>A first guess: peaks that stand alone and reach 40 % of the highest peaks around.</summary>
    private void Begin(Candidate[] candidates)
    {
        const double WindowS = 1.5, AloneS = 0.25, Share = 0.4;
        const int WindowsEachSide = 6;
        var highest = new Dictionary<int, double>();
        int Window(Candidate candidate) => (int)Math.Floor(candidate.Index / (WindowS * rate));
        foreach (var candidate in candidates)
        {
            highest[Window(candidate)] = Math.Max(highest.GetValueOrDefault(Window(candidate), double.NegativeInfinity), candidate.Energy);
        }

        Span<double> around = stackalloc double[(2 * WindowsEachSide) + 1];
        for (var i = 0; i < candidates.Length; i++)
        {
            var count = 0;
            for (var w = Window(candidates[i]) - WindowsEachSide; w <= Window(candidates[i]) + WindowsEachSide; w++)
            {
                if (highest.TryGetValue(w, out var energy))
                {
                    around[count++] = energy;
                }
            }

            candidates[i].IsGuessed = candidates[i].IsBeat = candidates[i].Energy >= Math.Log(Share) + Ranks.LowerMedian(around[..count])
                && candidates[i].Energy >= Math.Max(Highest(candidates, i, -1, AloneS), Highest(candidates, i, 1, AloneS));
        }
    }

    private static void Score(Candidate[] candidates, Context[] contexts, IReadOnlyList<Morphology> morphologies)
    {
        var beats = Enumerable.Range(0, candidates.Length).Where(i => candidates[i].IsBeat).ToArray();
        var noise = Noise(candidates);
        var next = 0;
        Span<int> near = stackalloc int[2 * NeighboursEachSide];
        for (var i = 0; i < candidates.Length; i++)
        {
            while (next < beats.Length && beats[next] < i)
            {
                next++;
            }

            var count = 0;
            var after = next < beats.Length && beats[next] == i ? next + 1 : next;
            for (var k = Math.Max(0, next - NeighboursEachSide); k < next; k++)
            {
                near[count++] = beats[k];
            }

            for (var k = after; k < Math.Min(beats.Length, after + NeighboursEachSide); k++)
            {
                near[count++] = beats[k];
            }

            contexts[i].Update(candidates, near[..count]);
            contexts[i].Odds = contexts[i].LogOdds(candidates, candidates[i], noise[i / Block], morphologies, Weights);
        }
    }

    /// <summary>
    /// Where beats and others lie far apart, what lies between and is high is rather a beat of another form than a disturbance: it
    /// gains a share of the distance.
    /// </summary>
    private static void Encourage(Candidate[] candidates, Context[] contexts)
    {
        const double FarFrom = 10, FarTo = 30, Share = 0.3, LowHeight = 0.4, HighHeight = 0.6;
        var gains = new double[(candidates.Length + Block - 1) / Block];
        Span<double> beats = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> others = stackalloc double[beats.Length];
        for (var b = 0; b < gains.Length; b++)
        {
            var (beatCount, otherCount) = (0, 0);
            var (first, end) = Around(b, candidates.Length);
            for (var k = first; k < end; k++)
            {
                if (candidates[k].IsBeat)
                {
                    beats[beatCount++] = contexts[k].Odds;
                }
                else
                {
                    others[otherCount++] = contexts[k].Odds;
                }
            }

            var distance = Ranks.LowerMedian(beats[..beatCount]) - Ranks.LowerMedian(others[..otherCount]);
            gains[b] = distance > FarFrom ? Share * (Math.Min(distance, FarTo) - FarFrom) : 0;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            candidates[i].Score = contexts[i].Odds + (gains[i / Block] * Math.Clamp((contexts[i].Height - LowHeight) / (HighHeight - LowHeight), 0, 1));
        }
    }

    /// <summary>The candidates that are around a block of neighbouring ones: levels are taken once for a block.</summary>
    private static (int First, int End) Around(int block, int count) =>
        (Math.Max(0, (block * Block) - PeaksEachSide), Math.Min(count, ((block + 1) * Block) + PeaksEachSide));

    /// <summary>Median envelopes of the peaks around that are no beats, for each block of neighbouring candidates.</summary>
    private static (double Energy, double Sharp)[] Noise(Candidate[] candidates)
    {
        var noise = new (double, double)[(candidates.Length + Block - 1) / Block];
        Span<double> energies = stackalloc double[(2 * PeaksEachSide) + Block];
        Span<double> sharps = stackalloc double[energies.Length];
        for (var b = 0; b < noise.Length; b++)
        {
            var count = 0;
            var (first, end) = Around(b, candidates.Length);
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

        return noise;
    }

    /// <summary>The highest peak of the envelope within some time before (-1) or after (1) a candidate.</summary>
    private double Highest(Candidate[] candidates, int i, int step, double seconds)
    {
        var highest = double.NegativeInfinity;
        for (var k = i + step; k >= 0 && k < candidates.Length && Math.Abs(candidates[i].Index - candidates[k].Index) <= seconds * rate; k += step)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }
}
