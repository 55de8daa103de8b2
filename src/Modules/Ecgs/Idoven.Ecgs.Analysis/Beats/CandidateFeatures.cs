using System.Numerics;
using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>How the beats around a candidate compare with it; what was compared is kept as long as it is the same. One serves one stretch after the other.</summary>
internal sealed class Context
{
    /// <summary>The most neighbouring beats.</summary>
    public const int MostNeighbours = 16;

    private const int AlikeCount = 4;
    private const double Limit = 3;
    private const double HopelessBelow = -9;

    private readonly int[] neighbours = new int[MostNeighbours];
    private readonly NeighbourFit[] fits = new NeighbourFit[MostNeighbours];
    private int neighbourCount;
    private int fitCount;

    private double before;
    private double after;
    private Levels levels;
    private (double Energy, double Sharp) noise;

    // Log-odds by all but the likeness to others.
    private double standing;
    private bool isStandingKnown;

    // Correlation with the mean of those that are most alike, each moved to where it fits best, and their median amplitude.
    private double likeness;
    private double alikeAmplitude;
    private bool isLikenessKnown;

    // The same with the best of the recording's morphologies.
    private Morphologies? morphologies;
    private double familiarity;
    private double familiarAmplitude;

    /// <summary>Log-odds by the features.</summary>
    public double Odds { get; private set; }

    /// <summary>Its amplitude by the median of the neighbouring beats.</summary>
    public double Height { get; private set; }

    /// <summary>Begins with another candidate.</summary>
    /// <param name="highestBefore">The highest envelope close before it.</param>
    /// <param name="highestAfter">The highest close after it.</param>
    public void Begin(double highestBefore, double highestAfter)
    {
        (before, after) = (highestBefore, highestAfter);
        (neighbourCount, fitCount) = (-1, 0);
        (isStandingKnown, isLikenessKnown) = (false, false);
        (morphologies, familiarity, familiarAmplitude) = (null, 0, double.NaN);
    }

    /// <summary>Whether these are the neighbouring beats that it was last compared with.</summary>
    public bool Knows(ReadOnlySpan<int> near) => near.Length == neighbourCount && near.SequenceEqual(neighbours.AsSpan(0, neighbourCount));

    /// <summary>Takes other neighbouring beats.</summary>
    public void Update(ReadOnlySpan<int> near, Levels nearLevels)
    {
        near.CopyTo(neighbours);
        neighbourCount = near.Length;
        levels = nearLevels;
        (isStandingKnown, isLikenessKnown) = (false, false);
    }

    /// <summary>Log-odds for a QRS complex by the candidate's features: differences of logarithms, and correlations.</summary>
    /// <param name="candidates">All candidates: the neighbours of <see cref="Update"/> among them.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="around">Median envelopes of the peaks around that are no beats.</param>
    /// <param name="current">The recording's morphologies.</param>
    /// <param name="weights">The constant, then one for each feature in the order below.</param>
    /// <param name="scratch">A shape without a lag.</param>
    /// <returns>Whether they are others than before.</returns>
    public bool Score(
        ReadOnlySpan<Candidate> candidates, Candidate candidate, (double Energy, double Sharp) around, Morphologies current, double[] weights, Shape scratch)
    {
        if (!isStandingKnown || !around.Equals(noise))
        {
            noise = around;
            standing = Standing(candidate, weights);
            isStandingKnown = true;
        }
        else if (isLikenessKnown && ReferenceEquals(current, morphologies))
        {
            return false;
        }

        var earlier = Odds;
        Odds = standing + Likeness(candidates, candidate, current, weights, scratch);
        return !Odds.Equals(earlier);
    }

    private double Standing(Candidate candidate, double[] weights)
    {
        // Against the other peaks around, and against a higher one close before or after: T and P waves.
        var odds = weights[0]
            + (weights[1] * Bounded(candidate.Energy - noise.Energy))
            + (weights[2] * Math.Min(0, Bounded(candidate.Energy - before)))
            + (weights[3] * Math.Min(0, Bounded(candidate.Energy - after)));

        // Against the beats around.
        odds += (weights[4] * Bounded(candidate.Amplitude - levels.Amplitude)) + (weights[5] * Bounded(candidate.Slow - levels.Slow));
        Height = Math.Exp(Bounded(candidate.Amplitude - levels.Amplitude));

        // In the faster band, and where it lies between the peaks that are no beats (0) and the beats (1), as with Pan and Tompkins' thresholds.
        var (floor, share) = (Math.Exp(Bounded(noise.Energy - levels.Energy)), Math.Exp(Bounded(candidate.Energy - levels.Energy)));
        var position = floor < 1 ? Math.Clamp((share - floor) / (1 - floor), 0, 1) : 0;
        return odds + (weights[6] * Bounded(candidate.Sharp - noise.Sharp)) + (weights[7] * position * Math.Clamp(Bounded(candidate.Energy - noise.Energy), 0, 2));
    }

    /// <summary>Whether it looks like other beats: looked into where it may decide.</summary>
    private double Likeness(ReadOnlySpan<Candidate> candidates, Candidate candidate, Morphologies current, double[] weights, Shape scratch)
    {
        if (standing + weights[8] + weights[10] < HopelessBelow)
        {
            return weights[8] / 2;
        }

        FindAlike(candidates, candidate.Shape, scratch);
        FindFamiliar(candidate.Shape, current);
        return (weights[8] * Math.Max(likeness, familiarity))
            + (weights[9] * -Math.Abs(Bounded(candidate.Amplitude - (likeness >= familiarity ? alikeAmplitude : familiarAmplitude))))
            + (weights[10] * Math.Max(0, familiarity - 0.8) * 5);
    }

    private void FindAlike(ReadOnlySpan<Candidate> candidates, Shape shape, Shape scratch)
    {
        if (isLikenessKnown)
        {
            return;
        }

        isLikenessKnown = true;
        if (neighbourCount < 2)
        {
            (likeness, alikeAmplitude) = (0.5, double.NaN);
            return;
        }

        FitNeighbours(candidates, shape);
        Span<int> best = stackalloc int[AlikeCount];
        best = best[..Math.Min(AlikeCount, fitCount)];
        FindMostAlike(best);
        Span<float> sum = stackalloc float[shape.Length];
        Span<double> amplitudes = stackalloc double[AlikeCount];
        for (var k = 0; k < best.Length; k++)
        {
            var fit = fits[best[k]];
            amplitudes[k] = candidates[fit.Neighbour].Amplitude;
            candidates[fit.Neighbour].Shape.AddTo(sum, fit.Shift);
        }

        scratch.Set(sum);
        (likeness, alikeAmplitude) = (shape.Fit(scratch).Correlation, Ranks.LowerMedian(amplitudes[..best.Length]));
    }

    /// <summary>Those with the highest correlations, the highest first; of equals the earlier one.</summary>
    private void FindMostAlike(Span<int> best)
    {
        Span<float> correlations = stackalloc float[MostNeighbours];
        correlations.Fill(float.NegativeInfinity);
        for (var n = 0; n < fitCount; n++)
        {
            correlations[n] = fits[n].Correlation;
        }

        var none = Vector256.Create(float.NegativeInfinity);
        var (first, second) = (Vector256.Create<float>(correlations), Vector256.Create<float>(correlations[Vector256<float>.Count..]));
        foreach (ref var at in best)
        {
            var highest = Vector256.Create(Shape.Highest(Vector256.MaxNative(first, second)));
            at = BitOperations.TrailingZeroCount(
                Vector256.Equals(first, highest).ExtractMostSignificantBits() | (Vector256.Equals(second, highest).ExtractMostSignificantBits() << Vector256<float>.Count));
            var index = Vector256.Create(at);
            first = Vector256.ConditionalSelect(Vector256.Equals(Vector256<int>.Indices, index).AsSingle(), none, first);
            second = Vector256.ConditionalSelect(Vector256.Equals(Vector256<int>.Indices + Vector256.Create(Vector256<int>.Count), index).AsSingle(), none, second);
        }
    }

    /// <summary>Compares with each neighbour with which it was not compared before.</summary>
    private void FitNeighbours(ReadOnlySpan<Candidate> candidates, Shape shape)
    {
        Span<NeighbourFit> known = stackalloc NeighbourFit[MostNeighbours];
        Span<int> strangers = stackalloc int[MostNeighbours];
        fits.CopyTo(known);
        var count = 0;
        for (int n = 0, k = 0; n < neighbourCount; n++)
        {
            while (k < fitCount && known[k].Neighbour < neighbours[n])
            {
                k++;
            }

            if (k < fitCount && known[k].Neighbour == neighbours[n])
            {
                fits[n] = known[k];
            }
            else
            {
                strangers[count++] = n;
            }
        }

        fitCount = neighbourCount;
        Span<Fit> found = stackalloc Fit[Shape.AtOnce];
        for (var i = 0; i < count; i += Shape.AtOnce)
        {
            var four = strangers[i..Math.Min(i + Shape.AtOnce, count)];
            Shape Other(ReadOnlySpan<Candidate> all, ReadOnlySpan<int> of, int k) => all[neighbours[of[Math.Min(k, of.Length - 1)]]].Shape;
            shape.Fit(Other(candidates, four, 0), Other(candidates, four, 1), Other(candidates, four, 2), Other(candidates, four, 3), found);
            for (var k = 0; k < four.Length; k++)
            {
                fits[four[k]] = new NeighbourFit(neighbours[four[k]], found[k].Shift, found[k].Correlation);
            }
        }
    }

    private void FindFamiliar(Shape shape, Morphologies current)
    {
        if (ReferenceEquals(current, morphologies))
        {
            return;
        }

        morphologies = current;
        var (best, fit) = Shape.Best(current.Shapes, shape, 0);
        (familiarity, familiarAmplitude) = best < 0 ? (0, double.NaN) : (fit.Correlation, current.Amplitudes[best]);
    }

    /// <summary>Within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);

    private readonly record struct NeighbourFit(int Neighbour, int Shift, float Correlation);
}

/// <summary>Medians over neighbouring beats.</summary>
internal readonly record struct Levels(double Energy, double Amplitude, double Slow)
{
    public static Levels Of(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> beats)
    {
        Span<double> energies = stackalloc double[beats.Length];
        Span<double> amplitudes = stackalloc double[beats.Length];
        Span<double> slow = stackalloc double[beats.Length];
        for (var k = 0; k < beats.Length; k++)
        {
            var beat = candidates[beats[k]];
            (energies[k], amplitudes[k], slow[k]) = (beat.Energy, beat.Amplitude, beat.Slow);
        }

        return new Levels(Ranks.LowerMedian(energies), Ranks.LowerMedian(amplitudes), Ranks.LowerMedian(slow));
    }
}
