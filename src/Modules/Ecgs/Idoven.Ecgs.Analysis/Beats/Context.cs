namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>How the beats around a candidate compare with it; kept as long as they are the same beats.</summary>
internal sealed class Context(double before, double after)
{
    private const int AlikeCount = 4;
    private const double Limit = 3;
    private const double HopelessBelow = -9;

    private int[] neighbours = [-1];
    private IReadOnlyList<Morphology> morphologies = [];

    // Medians over the neighbouring beats.
    private double energy;
    private double amplitude;
    private double slow;

    // Correlation with the mean of those that are most alike, each moved to where it fits best, and their median amplitude.
    private double likeness;
    private double alikeAmplitude;

    private bool isLikenessKnown;

    // The same with the best of the recording's morphologies.
    private double familiarity;
    private double familiarAmplitude = double.NaN;

    /// <summary>Log-odds by the features.</summary>
    public double Odds { get; set; }

    /// <summary>Its amplitude by the median of the neighbouring beats.</summary>
    public double Height { get; private set; }

    /// <summary>Compares with the recording's morphologies, unless they are the same as before.</summary>
    private void FindFamiliar(Shape shape, IReadOnlyList<Morphology> current)
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

    /// <summary>Takes the levels of the neighbouring beats, unless they are the same as before.</summary>
    public void Update(Candidate[] candidates, ReadOnlySpan<int> near)
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
        isLikenessKnown = false;
    }

    private void FindAlike(Candidate[] candidates, Shape shape)
    {
        if (isLikenessKnown)
        {
            return;
        }

        isLikenessKnown = true;
        if (neighbours.Length < 2)
        {
            (likeness, alikeAmplitude) = (0.5, double.NaN);
            return;
        }

        Span<(double Correlation, int Neighbour, int Shift)> best = stackalloc (double, int, int)[AlikeCount];
        best.Fill((double.NegativeInfinity, -1, 0));
        foreach (var neighbour in neighbours)
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

    /// <summary>Log-odds for a QRS complex by the candidate's features: differences of logarithms, and correlations.</summary>
    /// <param name="candidates">All candidates: the neighbours of <see cref="Update"/> among them.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="noise">Median envelopes of the peaks around that are no beats.</param>
    /// <param name="current">The recording's morphologies.</param>
    /// <param name="weights">The constant, then one for each feature in the order below.</param>
    public double LogOdds(
        Candidate[] candidates, Candidate candidate, (double Energy, double Sharp) noise, IReadOnlyList<Morphology> current, double[] weights)
    {
        // Against the other peaks around, and against a higher one close before or after: T and P waves.
        var odds = weights[0]
            + (weights[1] * Bounded(candidate.Energy - noise.Energy))
            + (weights[2] * Math.Min(0, Bounded(candidate.Energy - before)))
            + (weights[3] * Math.Min(0, Bounded(candidate.Energy - after)));

        // Against the beats around.
        odds += (weights[4] * Bounded(candidate.Amplitude - amplitude)) + (weights[5] * Bounded(candidate.Slow - slow));
        Height = Math.Exp(Bounded(candidate.Amplitude - amplitude));

        // In the faster band, and where it lies between the peaks that are no beats (0) and the beats (1), as with Pan and Tompkins' thresholds.
        var (floor, share) = (Math.Exp(Bounded(noise.Energy - energy)), Math.Exp(Bounded(candidate.Energy - energy)));
        var position = floor < 1 ? Math.Clamp((share - floor) / (1 - floor), 0, 1) : 0;
        odds += (weights[6] * Bounded(candidate.Sharp - noise.Sharp)) + (weights[7] * position * Math.Clamp(candidate.Energy - noise.Energy, 0, 2));

        // Whether it looks like other beats is looked into where it may decide.
        if (odds + weights[8] + weights[10] < HopelessBelow)
        {
            return odds + (weights[8] / 2);
        }

        FindAlike(candidates, candidate.Shape);
        FindFamiliar(candidate.Shape, current);
        return odds
            + (weights[8] * Math.Max(likeness, familiarity))
            + (weights[9] * -Math.Abs(Bounded(candidate.Amplitude - (likeness >= familiarity ? alikeAmplitude : familiarAmplitude))))
            + (weights[10] * Math.Max(0, familiarity - 0.8) * 5);
    }

    /// <summary>Within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);
}
