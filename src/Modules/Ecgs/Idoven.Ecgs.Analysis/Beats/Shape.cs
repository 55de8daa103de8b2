using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    private bool isUnitKnown;
    private bool areNormsKnown;
    private double mean;

    /// <param name="length">Samples, <paramref name="lag"/> longer on each side than what is compared.</param>
    /// <param name="lag">How far it may be moved either way.</param>
    public Shape(int length, int lag)
    {
        Lag = lag;
        Length = length - (2 * lag);
        Centre = length / 2;
        inverseNorms = new float[((2 * lag) + Vector256<float>.Count) & -Vector256<float>.Count];
        samples = new float[Length + inverseNorms.Length + Vector256<float>.Count];
        unit = new float[(Length + Vector256<float>.Count - 1) & -Vector256<float>.Count];
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
        (isUnitKnown, areNormsKnown) = (false, false);
    }

    /// <summary>Correlation of this one's middle with the other, moved to where it fits best.</summary>
    public (float Correlation, int Shift) Fit(Shape other)
    {
        MeasureUnit();
        other.MeasureNorms();
        var best = (Correlation: float.NegativeInfinity, Shift: 0);
        for (var shift = 0; shift <= 2 * other.Lag; shift += Vector256<float>.Count)
        {
            // A lane for each shift: nothing has to be added up across lanes. Two sums, as one alone would wait for each of its additions.
            var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
            ref var from = ref other.samples[shift];
            ref var tap = ref MemoryMarshal.GetArrayDataReference(unit);
            var k = 0;
            for (; k + 1 < Length; k += 2)
            {
                even += Vector256.Create(Unsafe.Add(ref tap, k)) * Vector256.LoadUnsafe(ref from, (nuint)k);
                odd += Vector256.Create(Unsafe.Add(ref tap, k + 1)) * Vector256.LoadUnsafe(ref from, (nuint)k + 1);
            }

            if (k < Length)
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
        MeasureNorms();
        var moved = samples.AsSpan(shift, sum.Length);
        var scale = inverseNorms[shift];
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += moved[k] * scale;
        }
    }

    /// <summary>Made when they are first asked for, as most shapes are never compared.</summary>
    private void MeasureNorms()
    {
        if (areNormsKnown)
        {
            return;
        }

        areNormsKnown = true;
        var (sum, squares) = Sums(samples.AsSpan(0, Length));
        for (var shift = 0; shift <= 2 * Lag; shift++)
        {
            if (shift > 0)
            {
                // A sum that slides: one sample comes, one goes.
                var (gone, come) = ((double)samples[shift - 1], (double)samples[shift + Length - 1]);
                sum += come - gone;
                squares += (come * come) - (gone * gone);
            }

            inverseNorms[shift] = (float)InverseNorm(sum, squares, Length);
            mean = shift == Lag ? sum / Length : mean;
        }
    }

    private void MeasureUnit()
    {
        if (isUnitKnown)
        {
            return;
        }

        // What lies behind the unit shape is never used.
        MeasureNorms();
        isUnitKnown = true;
        var (means, norms) = (Vector256.Create(mean), Vector256.Create((double)inverseNorms[Lag]));
        for (var k = 0; k < unit.Length; k += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(samples, Lag + k));
            Vector256.Narrow((low - means) * norms, (high - means) * norms).CopyTo(unit, k);
        }
    }

    private static (double Sum, double Squares) Sums(ReadOnlySpan<float> values)
    {
        var (sums, squares) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var k = 0;
        for (; k <= values.Length - Vector256<float>.Count; k += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(values[k..]));
            sums += low + high;
            squares += (low * low) + (high * high);
        }

        var sum = sums[0] + sums[1] + sums[2] + sums[3];
        var square = squares[0] + squares[1] + squares[2] + squares[3];
        for (; k < values.Length; k++)
        {
            sum += values[k];
            square += (double)values[k] * values[k];
        }

        return (sum, square);
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
