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
        Length = samples.Length - (2 * lag);
        Centre = samples.Length / 2;
        Samples = new float[samples.Length + Padding(Length)];
        samples.CopyTo(Samples, 0);
        inverseNorms = new float[(2 * lag) + 1];
        double sum = 0, squares = 0;
        for (var k = 0; k < samples.Length; k++)
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

        unit = new float[Length + Padding(Length)];
        var mean = 0.0;
        for (var k = 0; k < Length; k++)
        {
            mean += samples[lag + k];
        }

        mean /= Length;
        for (var k = 0; k < Length; k++)
        {
            unit[k] = (float)((samples[lag + k] - mean) * inverseNorms[lag]);
        }
    }

    /// <summary>The signal, and zeros behind it that fill the last vector.</summary>
    public float[] Samples { get; }

    /// <summary>Index of the middle sample.</summary>
    public int Centre { get; }

    /// <summary>The length that is compared.</summary>
    public int Length { get; }

    /// <summary>Correlation of this one's middle with the other, moved to where it fits best.</summary>
    public (double Correlation, int Shift) Fit(Shape other)
    {
        var best = (Correlation: double.NegativeInfinity, Shift: 0);
        for (var shift = 0; shift < other.inverseNorms.Length; shift++)
        {
            var correlation = Dot(unit, other.Samples, shift) * other.inverseNorms[shift];
            best = correlation > best.Correlation ? (correlation, shift) : best;
        }

        return best;
    }

    /// <summary>Adds this one, moved and scaled to unit norm, to a sum of the length that is compared.</summary>
    public void AddTo(Span<float> sum, int shift)
    {
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += Samples[shift + k] * inverseNorms[shift];
        }
    }

    private static int Padding(int length) => -length & (Vector256<float>.Count - 1);

    /// <summary>1 / norm of the samples about their mean; 0 where they are all the same.</summary>
    private static double InverseNorm(double sum, double squares, int count)
    {
        var variance = squares - (sum * sum / count);
        return variance > 0 ? 1 / Math.Sqrt(variance) : 0;
    }

    private static float Dot(float[] unit, float[] samples, int from)
    {
        var sums = Vector256<float>.Zero;
        for (var k = 0; k < unit.Length; k += Vector256<float>.Count)
        {
            sums += Vector256.Create(unit, k) * Vector256.Create(samples, from + k);
        }

        var halves = sums.GetLower() + sums.GetUpper();
        return halves[0] + halves[1] + halves[2] + halves[3];
    }
}
