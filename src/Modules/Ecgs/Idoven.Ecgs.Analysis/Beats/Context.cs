namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>How the beats around a candidate compare with it; kept as long as they are the same beats.</summary>
internal sealed class Context(double before, double after)
{
    private const int AlikeCount = 4;
    private const double Limit = 3;

    private int[] neighbours = [-1];
    private IReadOnlyList<Morphology> morphologies = [];

    // Medians over the neighbouring beats.
    private double energy;
    private double amplitude;
    private double slow;

    // Correlation with the mean of those that are most alike, each moved to where it fits best, and their median amplitude.
    private double likeness;
    private double alikeAmplitude;

    // The same with the best of the recording's morphologies.
    private double familiarity;
    private double familiarAmplitude = double.NaN;

    /// <summary>Its amplitude by the median of the neighbouring beats.</summary>
    public double Height { get; private set; }

    /// <summary>Compares with the recording's morphologies, unless they are the same as before.</summary>
    public void Update(Shape shape, IReadOnlyList<Morphology> current)
    {
        if (ReferenceEquals(current, morphologies))
        {
            return;
        }

        morphologies = current;
        (familiarity, familiarAmplitude) = (0, double.NaN);
        foreach (var morphology in current)
        {
            var correlation = morphology.Shape.Fit(shape).Correlation;
            if (correlation > familiarity)
            {
                (familiarity, familiarAmplitude) = (correlation, morphology.Amplitude);
            }
        }
    }

    /// <summary>Compares with the neighbouring beats, unless they are the same as before.</summary>
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

        amplitude = Ranks.LowerMedian(values);
        for (var k = 0; k < near.Length; k++)
        {
            values[k] = candidates[near[k]].Slow;
        }

        slow = Ranks.LowerMedian(values);
        for (var k = 0; k < near.Length; k++)
        {
            values[k] = candidates[near[k]].Energy;
        }

        energy = Ranks.LowerMedian(values);
        FindAlike(candidates, candidates[i].Shape, near);
    }

    private void FindAlike(IReadOnlyList<Candidate> candidates, Shape shape, ReadOnlySpan<int> near)
    {
        if (near.Length < 2)
        {
            (likeness, alikeAmplitude) = (0.5, double.NaN);
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

        (likeness, alikeAmplitude) = (shape.Fit(new Shape(sum, lag: 0)).Correlation, Ranks.LowerMedian(amplitudes[..count]));
    }

    /// <summary>The candidate's features: differences of logarithms, and correlations. <see cref="Update(Shape, IReadOnlyList{Morphology})"/> first.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="noise">Median envelopes of the peaks around that are no beats.</param>
    /// <param name="features">Ten places.</param>
    public void Describe(Candidate candidate, (double Energy, double Sharp) noise, Span<double> features)
    {
        // Against the other peaks around, and against a higher one close before or after: T and P waves.
        features[0] = Bounded(candidate.Energy - noise.Energy);
        features[1] = Math.Min(0, Bounded(candidate.Energy - before));
        features[2] = Math.Min(0, Bounded(candidate.Energy - after));

        // Against the beats around.
        features[3] = Bounded(candidate.Amplitude - amplitude);
        features[4] = Bounded(candidate.Slow - slow);

        // Alike in form, and then in size.
        features[5] = Math.Max(likeness, familiarity);
        features[6] = -Math.Abs(Bounded(candidate.Amplitude - (likeness >= familiarity ? alikeAmplitude : familiarAmplitude)));
        features[7] = Bounded(candidate.Sharp - noise.Sharp);
        features[8] = Math.Max(0, familiarity - 0.8) * 5;

        // Where it lies between the peaks that are no beats (0) and the beats (1), as with Pan and Tompkins' thresholds.
        var (floor, share) = (Math.Exp(Bounded(noise.Energy - energy)), Math.Exp(Bounded(candidate.Energy - energy)));
        var position = floor < 1 ? Math.Clamp((share - floor) / (1 - floor), 0, 1) : 0;
        features[9] = position * Math.Clamp(candidate.Energy - noise.Energy, 0, 2);
        Height = Math.Exp(Bounded(candidate.Amplitude - amplitude));
    }

    /// <summary>Within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);
}
