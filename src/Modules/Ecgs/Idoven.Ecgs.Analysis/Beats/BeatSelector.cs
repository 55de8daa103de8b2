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
    private const int NoiseEachSide = 16;
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
        foreach (var boldness in Boldness)
        {
            Score(candidates, contexts, morphologies);
            path.Select(candidates, boldness);
            morphologies = Morphology.Of(candidates, lag);
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
            Describe(candidates, i, contexts[i], morphologies, features);
            var score = Weights[0];
            for (var k = 0; k < features.Length; k++)
            {
                score += Weights[k + 1] * features[k];
            }

            candidates[i].Score = score;
        }
    }

    private static void Describe(IReadOnlyList<Candidate> candidates, int i, Context context, IReadOnlyList<Morphology> morphologies, Span<double> features)
    {
        var candidate = candidates[i];
        var (likeness, amplitude, familiar) = (context.Likeness, context.AlikeAmplitude, 0.0);
        foreach (var morphology in morphologies)
        {
            var correlation = morphology.Shape.Fit(candidate.Shape).Correlation;
            familiar = Math.Max(familiar, correlation);
            (likeness, amplitude) = correlation > likeness ? (correlation, morphology.Amplitude) : (likeness, amplitude);
        }

        features[0] = Bounded(candidate.Energy - Noise(candidates, i, false));
        features[1] = Math.Min(0, Bounded(candidate.Energy - context.Before));
        features[2] = Math.Min(0, Bounded(candidate.Energy - context.After));
        features[3] = Bounded(candidate.Amplitude - context.Amplitude);
        features[4] = Bounded(candidate.Slow - context.Slow);
        features[5] = likeness;
        features[6] = -Math.Abs(Bounded(candidate.Amplitude - amplitude));
        features[7] = Bounded(candidate.Sharp - Noise(candidates, i, true));
        features[8] = Math.Max(0, familiar - 0.8) * 5;
    }

    /// <summary>Within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);

    /// <summary>Median envelope of the peaks around that are no beats.</summary>
    private static double Noise(IReadOnlyList<Candidate> candidates, int i, bool sharp)
    {
        Span<double> values = stackalloc double[2 * NoiseEachSide];
        var count = 0;
        for (var k = Math.Max(0, i - NoiseEachSide); k <= Math.Min(candidates.Count - 1, i + NoiseEachSide); k++)
        {
            if (k != i && !candidates[k].IsBeat)
            {
                values[count++] = sharp ? candidates[k].Sharp : candidates[k].Energy;
            }
        }

        return Median(values[..count]);
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

            Span<float> sum = stackalloc float[shape.Length];
            sum.Clear();
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

            (Likeness, AlikeAmplitude) = (shape.Correlation(sum), Median(amplitudes[..count]));
        }
    }
}
