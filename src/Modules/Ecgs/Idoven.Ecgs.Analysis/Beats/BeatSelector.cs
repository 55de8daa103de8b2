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
    internal static readonly double[] Boldness = [-1, 0, 1, 2, 1.13, 1];

    private const int NeighboursEachSide = 8;
    private const int NoiseEachSide = 14;
    private const int NoiseBlock = 4;
    private const int AlikeCount = 4;
    private const double CompetitionS = 0.36;
    private const double Limit = 3;

    private readonly BeatPath path = new(rate);

    // Of the constant and of each feature in the order of Describe: a logistic regression over all candidates of the development
    // recordings, then improved step by step for the fewest errors after the path.
    internal static readonly double[] Weights = [-1.49, 0.45, 4.42, 4.59, 1.59, -1.01, 1.77, 2.52, 1.09, 4.84];

    /// <summary>Sets <see cref="Moment.IsBeat"/> and <see cref="Moment.Score"/> of each candidate.</summary>
    /// <param name="candidates">In order of time.</param>
    public void Select(IReadOnlyList<Candidate> candidates)
    {
        var contexts = candidates.Select((candidate, i) => new Context(Highest(candidates, i, -1, CompetitionS), Highest(candidates, i, 1, CompetitionS))).ToArray();
        Begin(candidates);
        IReadOnlyList<Morphology> morphologies = [];
        for (var round = 0; round < Boldness.Length; round++)
        {
            Score(candidates, contexts, morphologies);
            path.Select(candidates, Boldness[round]);
            if (round % 2 == 0)
            {
                morphologies = Morphology.Of(candidates, lag);
            }
        }
    }

    /// <summary>A first guess: peaks that stand alone and reach 40 % of the highest peaks around.</summary>
    private void Begin(IReadOnlyList<Candidate> candidates)
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
        for (var i = 0; i < candidates.Count; i++)
        {
            var count = 0;
            for (var w = Window(candidates[i]) - WindowsEachSide; w <= Window(candidates[i]) + WindowsEachSide; w++)
            {
                if (highest.TryGetValue(w, out var energy))
                {
                    around[count++] = energy;
                }
            }

            candidates[i].IsBeat = candidates[i].Energy >= Math.Log(Share) + Median(around[..count])
                && candidates[i].Energy >= Math.Max(Highest(candidates, i, -1, AloneS), Highest(candidates, i, 1, AloneS));
        }
    }

    private static void Score(IReadOnlyList<Candidate> candidates, Context[] contexts, IReadOnlyList<Morphology> morphologies)
    {
        var beats = Enumerable.Range(0, candidates.Count).Where(i => candidates[i].IsBeat).ToArray();
        var noise = Noise(candidates);
        var next = 0;
        Span<int> near = stackalloc int[2 * NeighboursEachSide];
        Span<double> features = stackalloc double[9];
        for (var i = 0; i < candidates.Count; i++)
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

            contexts[i].Update(candidates, i, near[..count]);
            contexts[i].Update(candidates[i].Shape, morphologies);
            Describe(candidates[i], contexts[i], noise[i / NoiseBlock], features);
            var score = Weights[0];
            for (var k = 0; k < features.Length; k++)
            {
                score += Weights[k + 1] * features[k];
            }

            candidates[i].Score = score;
        }
    }

    private static void Describe(Candidate candidate, Context context, (double Energy, double Sharp) noise, Span<double> features)
    {
        var (likeness, amplitude) = context.Likeness >= context.Familiarity
            ? (context.Likeness, context.AlikeAmplitude)
            : (context.Familiarity, context.FamiliarAmplitude);

        features[0] = Bounded(candidate.Energy - noise.Energy);
        features[1] = Math.Min(0, Bounded(candidate.Energy - context.Before));
        features[2] = Math.Min(0, Bounded(candidate.Energy - context.After));
        features[3] = Bounded(candidate.Amplitude - context.Amplitude);
        features[4] = Bounded(candidate.Slow - context.Slow);
        features[5] = likeness;
        features[6] = -Math.Abs(Bounded(candidate.Amplitude - amplitude));
        features[7] = Bounded(candidate.Sharp - noise.Sharp);
        features[8] = Math.Max(0, context.Familiarity - 0.8) * 5;
    }

    /// <summary>Within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);

    /// <summary>Median envelopes of the peaks around that are no beats, for each block of neighbouring candidates.</summary>
    private static (double Energy, double Sharp)[] Noise(IReadOnlyList<Candidate> candidates)
    {
        var noise = new (double, double)[(candidates.Count + NoiseBlock - 1) / NoiseBlock];
        Span<double> energies = stackalloc double[(2 * NoiseEachSide) + NoiseBlock];
        Span<double> sharps = stackalloc double[energies.Length];
        for (var b = 0; b < noise.Length; b++)
        {
            var count = 0;
            var first = b * NoiseBlock;
            for (var k = Math.Max(0, first - NoiseEachSide); k < Math.Min(candidates.Count, first + NoiseBlock + NoiseEachSide); k++)
            {
                if (!candidates[k].IsBeat)
                {
                    (energies[count], sharps[count]) = (candidates[k].Energy, candidates[k].Sharp);
                    count++;
                }
            }

            noise[b] = (Median(energies[..count]), Median(sharps[..count]));
        }

        return noise;
    }

    /// <summary>The highest peak of the envelope within some time before (-1) or after (1) a candidate.</summary>
    private double Highest(IReadOnlyList<Candidate> candidates, int i, int step, double seconds)
    {
        var highest = double.NegativeInfinity;
        for (var k = i + step; k >= 0 && k < candidates.Count && Math.Abs(candidates[i].Index - candidates[k].Index) <= seconds * rate; k += step)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }

    /// <summary>The lower median; NaN of nothing. Sorts the values.</summary>
    private static double Median(Span<double> values)
    {
        values.Sort();
        return values.Length == 0 ? double.NaN : values[(values.Length - 1) / 2];
    }

    /// <summary>How the beats around a candidate compare with it; kept as long as they are the same beats.</summary>
    private sealed class Context(double before, double after)
    {
        private int[] neighbours = [-1];
        private IReadOnlyList<Morphology> morphologies = [];

        public double Before { get; } = before;

        public double After { get; } = after;

        /// <summary>Median amplitude of the neighbouring beats.</summary>
        public double Amplitude { get; private set; }

        /// <summary>Median envelope of their slow band.</summary>
        public double Slow { get; private set; }

        /// <summary>Correlation with the mean of those that are most alike, each moved to where it fits best.</summary>
        public double Likeness { get; private set; }

        /// <summary>Median amplitude of these.</summary>
        public double AlikeAmplitude { get; private set; }

        /// <summary>Best correlation with the recording's morphologies; 0 where there are none.</summary>
        public double Familiarity { get; private set; }

        /// <summary>Amplitude of the best one.</summary>
        public double FamiliarAmplitude { get; private set; } = double.NaN;

        public void Update(Shape shape, IReadOnlyList<Morphology> current)
        {
            if (ReferenceEquals(current, morphologies))
            {
                return;
            }

            morphologies = current;
            (Familiarity, FamiliarAmplitude) = (0, double.NaN);
            foreach (var morphology in current)
            {
                var correlation = morphology.Shape.Fit(shape).Correlation;
                if (correlation > Familiarity)
                {
                    (Familiarity, FamiliarAmplitude) = (correlation, morphology.Amplitude);
                }
            }
        }

        public void Update(IReadOnlyList<Candidate> candidates, int i, ReadOnlySpan<int> near)
        {
            if (near.SequenceEqual(neighbours))
            {
                return;
            }

            neighbours = near.ToArray();
            Span<double> values = stackalloc double[near.Length];
            for (var k = 0; k < near.Length; k++)
            {
                values[k] = candidates[near[k]].Amplitude;
            }

            Amplitude = Median(values);
            for (var k = 0; k < near.Length; k++)
            {
                values[k] = candidates[near[k]].Slow;
            }

            Slow = Median(values);
            FindAlike(candidates, candidates[i].Shape, near);
        }

        private void FindAlike(IReadOnlyList<Candidate> candidates, Shape shape, ReadOnlySpan<int> near)
        {
            if (near.Length < 2)
            {
                (Likeness, AlikeAmplitude) = (0.5, double.NaN);
                return;
            }

            Span<(double Correlation, int Neighbour, int Shift)> best = stackalloc (double, int, int)[AlikeCount];
            best.Fill((double.NegativeInfinity, -1, 0));
            foreach (var neighbour in near)
            {
                var (correlation, shift) = shape.Fit(candidates[neighbour].Shape);
                var fit = (correlation, neighbour, shift);
                for (var k = 0; k < best.Length; k++)
                {
                    if (fit.correlation > best[k].Correlation)
                    {
                        (best[k], fit) = (fit, best[k]);
                    }
                }
            }

            var sum = new float[shape.Length];
            Span<double> amplitudes = stackalloc double[AlikeCount];
            var count = 0;
            foreach (var (_, neighbour, shift) in best)
            {
                if (neighbour >= 0)
                {
                    amplitudes[count++] = candidates[neighbour].Amplitude;
                    candidates[neighbour].Shape.AddTo(sum, shift);
                }
            }

            (Likeness, AlikeAmplitude) = (shape.Fit(new Shape(sum, lag: 0)).Correlation, Median(amplitudes[..count]));
        }
    }
}
