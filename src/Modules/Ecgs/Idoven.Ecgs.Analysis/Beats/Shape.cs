using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// A short piece of signal that can be compared with others wherever they fit best. The arithmetic is spelled out lane by lane, so it
/// gives the same on every CPU.
/// </summary>
internal sealed class Shape
{
    private readonly float[] unit;
    private readonly float[] inverseNorms;

    /// <param name="samples">The signal, <paramref name="lag"/> samples longer on each side than what is compared.</param>
    /// <param name="lag">How far it may be moved either way.</param>
    public Shape(float[] samples, int lag)
    {
        Samples = samples;
        var length = samples.Length - (2 * lag);
        inverseNorms = new float[(2 * lag) + 1];
        for (var shift = 0; shift < inverseNorms.Length; shift++)
        {
            inverseNorms[shift] = (float)InverseNorm(samples.AsSpan(shift, length), out _);
        }

        unit = new float[length];
        var inverse = InverseNorm(samples.AsSpan(lag, length), out var mean);
        for (var k = 0; k < length; k++)
        {
            unit[k] = (float)((samples[lag + k] - mean) * inverse);
        }
    }

    /// <summary>The signal.</summary>
    public float[] Samples { get; }

    /// <summary>Correlation of this one's middle with the other, moved to where it fits best.</summary>
    public (double Correlation, int Shift) Fit(Shape other)
    {
        var best = (Correlation: double.NegativeInfinity, Shift: 0);
        for (var shift = 0; shift < other.inverseNorms.Length; shift++)
        {
            var correlation = Dot(unit, other.Samples.AsSpan(shift, unit.Length)) * other.inverseNorms[shift];
            best = correlation > best.Correlation ? (correlation, shift) : best;
        }

        return best;
    }

    /// <summary>Correlation of the middle with a sum made by <see cref="AddTo"/>.</summary>
    public double Correlation(ReadOnlySpan<float> sum) => Dot(unit, sum) * InverseNorm(sum, out _);

    /// <summary>Adds this one, moved and scaled to unit norm, to a sum of the length that is compared.</summary>
    public void AddTo(Span<float> sum, int shift)
    {
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += Samples[shift + k] * inverseNorms[shift];
        }
    }

    /// <summary>The length that is compared.</summary>
    public int Length => unit.Length;

    /// <summary>1 / norm of the samples about their mean; 0 where they are all the same.</summary>
    private static double InverseNorm(ReadOnlySpan<float> samples, out double mean)
    {
        double sum = 0, squares = 0;
        foreach (var sample in samples)
        {
            sum += sample;
            squares += (double)sample * sample;
        }

        mean = sum / samples.Length;
        var variance = squares - (sum * mean);
        return variance > 0 ? 1 / Math.Sqrt(variance) : 0;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sums = Vector256<float>.Zero;
        var k = 0;
        for (; k + Vector256<float>.Count <= a.Length; k += Vector256<float>.Count)
        {
            sums += Vector256.Create(a[k..]) * Vector256.Create(b[k..]);
        }

        var halves = sums.GetLower() + sums.GetUpper();
        var sum = halves[0] + halves[1] + halves[2] + halves[3];
        for (; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return sum;
    }
}
