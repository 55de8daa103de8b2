using System.Numerics;
using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// A short piece of signal that can be compared with others wherever they fit best. The arithmetic is spelled out lane by lane, so it
/// gives the same on every CPU. It may be set anew: then nothing is allocated.
/// </summary>
internal sealed class Shape
{
    private readonly float[] samples;
    private readonly float[] unit;

    // As many as vectors hold; what is beyond the shifts is 0.
    private readonly float[] inverseNorms;

    private bool isMeasured;

    /// <param name="length">Samples, <paramref name="lag"/> longer on each side than what is compared.</param>
    /// <param name="lag">How far it may be moved either way.</param>
    public Shape(int length, int lag)
    {
        Lag = lag;
        Length = length - (2 * lag);
        Centre = length / 2;
        inverseNorms = new float[((2 * lag) + Vector256<float>.Count) & -Vector256<float>.Count];
        samples = new float[Length + inverseNorms.Length];
        unit = new float[Length];
    }

    /// <param name="samples">The signal.</param>
    /// <param name="lag">How far it may be moved either way.</param>
    public Shape(ReadOnlySpan<float> samples, int lag)
        : this(samples.Length, lag) => Set(samples);

    /// <summary>The signal.</summary>
    public ReadOnlySpan<float> Samples => samples.AsSpan(0, Length + (2 * Lag));

    /// <summary>Index of the middle sample.</summary>
    public int Centre { get; }

    /// <summary>The length that is compared.</summary>
    public int Length { get; }

    /// <summary>How far it may be moved either way.</summary>
    public int Lag { get; }

    /// <summary>Takes another signal of the same length.</summary>
    public void Set(ReadOnlySpan<float> signal)
    {
        signal.CopyTo(samples);
        isMeasured = false;
    }

    /// <summary>Correlation of this one's middle with the other, moved to where it fits best.</summary>
    public (double Correlation, int Shift) Fit(Shape other)
    {
        Measure();
        other.Measure();
        var best = (Correlation: float.NegativeInfinity, Shift: 0);
        for (var shift = 0; shift <= 2 * other.Lag; shift += Vector256<float>.Count)
        {
            // A lane for each shift: nothing has to be added up across lanes. Two sums, as one alone would wait for each of its additions.
            var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
            ref var from = ref other.samples[shift];
            var k = 0;
            for (; k + 1 < unit.Length; k += 2)
            {
                even += Vector256.Create(unit[k]) * Vector256.LoadUnsafe(ref from, (nuint)k);
                odd += Vector256.Create(unit[k + 1]) * Vector256.LoadUnsafe(ref from, (nuint)k + 1);
            }

            if (k < unit.Length)
            {
                even += Vector256.Create(unit[k]) * Vector256.LoadUnsafe(ref from, (nuint)k);
            }

            var isShift = Vector256.LessThanOrEqual(Vector256<int>.Indices + Vector256.Create(shift), Vector256.Create(2 * other.Lag)).AsSingle();
            var correlations = Vector256.ConditionalSelect(
                isShift, (even + odd) * Vector256.LoadUnsafe(ref other.inverseNorms[shift]), Vector256.Create(float.NegativeInfinity));
            var highest = Highest(correlations);
            if (highest > best.Correlation)
            {
                best = (highest, shift + BitOperations.TrailingZeroCount(Vector256.Equals(correlations, Vector256.Create(highest)).ExtractMostSignificantBits()));
            }
        }

        return best;
    }

    /// <summary>Adds this one, moved and scaled to unit norm, to a sum of the length that is compared.</summary>
    public void AddTo(Span<float> sum, int shift)
    {
        Measure();
        var moved = samples.AsSpan(shift, sum.Length);
        var scale = inverseNorms[shift];
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += moved[k] * scale;
        }
    }

    /// <summary>Norms and the unit shape: made when they are first asked for, as most shapes are never compared.</summary>
    private void Measure()
    {
        if (isMeasured)
        {
            return;
        }

        isMeasured = true;
        double sum = 0, squares = 0;
        for (var k = 0; k < Length + (2 * Lag); k++)
        {
            // A sum that slides: one sample comes, one goes.
            sum += samples[k];
            squares += (double)samples[k] * samples[k];
            var shift = k - Length + 1;
            if (shift > 0)
            {
                sum -= samples[shift - 1];
                squares -= (double)samples[shift - 1] * samples[shift - 1];
            }

            if (shift >= 0)
            {
                inverseNorms[shift] = (float)InverseNorm(sum, squares, Length);
            }
        }

        var mean = 0.0;
        for (var k = 0; k < Length; k++)
        {
            mean += samples[Lag + k];
        }

        mean /= Length;
        for (var k = 0; k < Length; k++)
        {
            unit[k] = (float)((samples[Lag + k] - mean) * inverseNorms[Lag]);
        }
    }

    /// <summary>1 / norm of the samples about their mean; 0 where they are all the same.</summary>
    private static double InverseNorm(double sum, double squares, int count)
    {
        var variance = squares - (sum * sum / count);
        return variance > 0 ? 1 / Math.Sqrt(variance) : 0;
    }

    private static float Highest(Vector256<float> values)
    {
        var four = Vector128.Max(values.GetLower(), values.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(two[0], two[1]);
    }
}
