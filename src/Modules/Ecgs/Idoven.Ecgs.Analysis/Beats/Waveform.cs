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
    /// <summary>How many are compared at a time.</summary>
    public const int AtOnce = 4;

    private static readonly Fit None = new(float.NegativeInfinity, 0);

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

    /// <summary>1 / norm at each shift. Made when they are first asked for, as most shapes are never compared.</summary>
    private float[] InverseNorms
    {
        get
        {
            if (!areNormsKnown)
            {
                MeasureNorms();
            }

            return inverseNorms;
        }
    }

    /// <summary>The middle about its mean and of norm 1. Made when it is first asked for.</summary>
    private float[] Unit
    {
        get
        {
            if (!isUnitKnown)
            {
                MeasureUnit();
            }

            return unit;
        }
    }

    /// <summary>Takes another signal of the same length.</summary>
    public void Set(ReadOnlySpan<float> signal)
    {
        signal.CopyTo(samples);
        (isUnitKnown, areNormsKnown) = (false, false);
    }

    /// <summary>Correlation of this one's middle with the other, moved to where it fits best.</summary>
    public Fit Fit(Shape other)
    {
        Span<Fit> fits = stackalloc Fit[AtOnce];
        Fit(other, other, other, other, fits);
        return fits[0];
    }

    /// <summary>Of several shapes the one whose middle fits the other best, moved to where it does; of equals the first.</summary>
    /// <param name="shapes">All of one length.</param>
    /// <param name="other">With which they are compared.</param>
    /// <param name="least">The correlation must be higher.</param>
    /// <returns>An index of -1 where none is.</returns>
    public static (int Index, Fit Fit) Best(ReadOnlySpan<Shape> shapes, Shape other, double least)
    {
        Span<Fit> fits = stackalloc Fit[AtOnce];
        var best = (Index: -1, Fit: default(Fit));
        for (var i = 0; i < shapes.Length; i += AtOnce)
        {
            var last = shapes.Length - 1;
            Fit(shapes[i], shapes[Math.Min(i + 1, last)], shapes[Math.Min(i + 2, last)], shapes[Math.Min(i + 3, last)], other, fits);
            for (var k = 0; k < AtOnce; k++)
            {
                if (fits[k].Correlation > least)
                {
                    (best, least) = ((i + k, fits[k]), fits[k].Correlation);
                }
            }
        }

        return best;
    }

    /// <summary>This one with four others at a time: it is read once for all.</summary>
    public void Fit(Shape first, Shape second, Shape third, Shape fourth, Span<Fit> fits)
    {
        ref var tap = ref MemoryMarshal.GetArrayDataReference(Unit);
        var (normsA, normsB, normsC, normsD) = (first.InverseNorms, second.InverseNorms, third.InverseNorms, fourth.InverseNorms);
        fits[..AtOnce].Fill(None);
        for (var shift = 0; shift <= 2 * first.Lag; shift += Vector256<float>.Count)
        {
            // A lane for each shift: nothing has to be added up across lanes. Two sums each, of even and odd samples, as one alone would wait for each of its additions.
            var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var (oddA, oddB, oddC, oddD) = (a, b, c, d);
            ref var fromA = ref first.samples[shift];
            ref var fromB = ref second.samples[shift];
            ref var fromC = ref third.samples[shift];
            ref var fromD = ref fourth.samples[shift];
            nuint k = 0;
            for (; k + 1 < (nuint)Length; k += 2)
            {
                var (even, odd) = (Vector256.Create(Unsafe.Add(ref tap, k)), Vector256.Create(Unsafe.Add(ref tap, k + 1)));
                a += even * Vector256.LoadUnsafe(ref fromA, k);
                b += even * Vector256.LoadUnsafe(ref fromB, k);
                c += even * Vector256.LoadUnsafe(ref fromC, k);
                d += even * Vector256.LoadUnsafe(ref fromD, k);
                oddA += odd * Vector256.LoadUnsafe(ref fromA, k + 1);
                oddB += odd * Vector256.LoadUnsafe(ref fromB, k + 1);
                oddC += odd * Vector256.LoadUnsafe(ref fromC, k + 1);
                oddD += odd * Vector256.LoadUnsafe(ref fromD, k + 1);
            }

            if (k < (nuint)Length)
            {
                var even = Vector256.Create(Unsafe.Add(ref tap, k));
                a += even * Vector256.LoadUnsafe(ref fromA, k);
                b += even * Vector256.LoadUnsafe(ref fromB, k);
                c += even * Vector256.LoadUnsafe(ref fromC, k);
                d += even * Vector256.LoadUnsafe(ref fromD, k);
            }

            fits[0] = Better(fits[0], a + oddA, normsA, shift, 2 * first.Lag);
            fits[1] = Better(fits[1], b + oddB, normsB, shift, 2 * first.Lag);
            fits[2] = Better(fits[2], c + oddC, normsC, shift, 2 * first.Lag);
            fits[3] = Better(fits[3], d + oddD, normsD, shift, 2 * first.Lag);
        }
    }

    /// <summary>Four with another at a time: that one is read once for all.</summary>
    private static void Fit(Shape first, Shape second, Shape third, Shape fourth, Shape other, Span<Fit> fits)
    {
        ref var tapA = ref MemoryMarshal.GetArrayDataReference(first.Unit);
        ref var tapB = ref MemoryMarshal.GetArrayDataReference(second.Unit);
        ref var tapC = ref MemoryMarshal.GetArrayDataReference(third.Unit);
        ref var tapD = ref MemoryMarshal.GetArrayDataReference(fourth.Unit);
        var norms = other.InverseNorms;
        fits[..AtOnce].Fill(None);
        for (var shift = 0; shift <= 2 * other.Lag; shift += Vector256<float>.Count)
        {
            var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var (oddA, oddB, oddC, oddD) = (a, b, c, d);
            ref var from = ref other.samples[shift];
            nuint k = 0;
            for (; k + 1 < (nuint)first.Length; k += 2)
            {
                var (even, odd) = (Vector256.LoadUnsafe(ref from, k), Vector256.LoadUnsafe(ref from, k + 1));
                a += Vector256.Create(Unsafe.Add(ref tapA, k)) * even;
                b += Vector256.Create(Unsafe.Add(ref tapB, k)) * even;
                c += Vector256.Create(Unsafe.Add(ref tapC, k)) * even;
                d += Vector256.Create(Unsafe.Add(ref tapD, k)) * even;
                oddA += Vector256.Create(Unsafe.Add(ref tapA, k + 1)) * odd;
                oddB += Vector256.Create(Unsafe.Add(ref tapB, k + 1)) * odd;
                oddC += Vector256.Create(Unsafe.Add(ref tapC, k + 1)) * odd;
                oddD += Vector256.Create(Unsafe.Add(ref tapD, k + 1)) * odd;
            }

            if (k < (nuint)first.Length)
            {
                var even = Vector256.LoadUnsafe(ref from, k);
                a += Vector256.Create(Unsafe.Add(ref tapA, k)) * even;
                b += Vector256.Create(Unsafe.Add(ref tapB, k)) * even;
                c += Vector256.Create(Unsafe.Add(ref tapC, k)) * even;
                d += Vector256.Create(Unsafe.Add(ref tapD, k)) * even;
            }

            fits[0] = Better(fits[0], a + oddA, norms, shift, 2 * other.Lag);
            fits[1] = Better(fits[1], b + oddB, norms, shift, 2 * other.Lag);
            fits[2] = Better(fits[2], c + oddC, norms, shift, 2 * other.Lag);
            fits[3] = Better(fits[3], d + oddD, norms, shift, 2 * other.Lag);
        }
    }

    /// <summary>The better of what fitted best so far and what the sums of products at the next shifts come to.</summary>
    private static Fit Better(Fit best, Vector256<float> sums, float[] norms, int shift, int lastShift)
    {
        var isShift = Vector256.LessThanOrEqual(Vector256<int>.Indices + Vector256.Create(shift), Vector256.Create(lastShift)).AsSingle();
        var correlations = Vector256.ConditionalSelect(isShift, sums * Vector256.LoadUnsafe(ref norms[shift]), Vector256.Create(float.NegativeInfinity));
        var highest = Highest(correlations);
        return highest > best.Correlation
            ? new Fit(highest, shift + BitOperations.TrailingZeroCount(Vector256.Equals(correlations, Vector256.Create(highest)).ExtractMostSignificantBits()))
            : best;
    }

    /// <summary>Adds this one, moved and scaled to unit norm, to a sum of the length that is compared.</summary>
    public void AddTo(Span<float> sum, int shift)
    {
        ReadOnlySpan<float> moved = samples.AsSpan(shift, sum.Length);
        var scale = InverseNorms[shift];
        var k = 0;
        for (; k <= sum.Length - Vector256<float>.Count; k += Vector256<float>.Count)
        {
            (Vector256.Create<float>(sum[k..]) + (Vector256.Create(moved[k..]) * scale)).CopyTo(sum[k..]);
        }

        for (; k < sum.Length; k++)
        {
            sum[k] += moved[k] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MeasureNorms()
    {
        areNormsKnown = true;
        Span<double> sums = stackalloc double[inverseNorms.Length];
        Span<double> squares = stackalloc double[inverseNorms.Length];
        (sums[0], squares[0]) = Sums(samples.AsSpan(0, Length));
        for (var shift = 1; shift <= 2 * Lag; shift++)
        {
            // A sum that slides: one sample comes, one goes.
            var (gone, come) = ((double)samples[shift - 1], (double)samples[shift + Length - 1]);
            sums[shift] = sums[shift - 1] + (come - gone);
            squares[shift] = squares[shift - 1] + ((come * come) - (gone * gone));
        }

        mean = sums[Lag] / Length;
        for (var shift = 0; shift <= 2 * Lag; shift += Vector256<float>.Count)
        {
            Vector256.Narrow(Inverse(sums[shift..], squares[shift..]), Inverse(sums[(shift + Vector256<double>.Count)..], squares[(shift + Vector256<double>.Count)..]))
                .CopyTo(inverseNorms, shift);
        }

        // 1 / norm of the samples about their mean; 0 where they are all the same.
        Vector256<double> Inverse(ReadOnlySpan<double> sum, ReadOnlySpan<double> square)
        {
            var variance = Vector256.Create(square) - (Vector256.Create(sum) * Vector256.Create(sum) / Length);
            return Vector256.GreaterThan(variance, Vector256<double>.Zero) & (Vector256<double>.One / Vector256.Sqrt(variance));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MeasureUnit()
    {
        // What lies behind the unit shape is never used.
        var norms = Vector256.Create((double)InverseNorms[Lag]);
        var means = Vector256.Create(mean);
        isUnitKnown = true;
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

    /// <summary>The highest of eight.</summary>
    public static float Highest(Vector256<float> values)
    {
        var four = Vector128.MaxNative(values.GetLower(), values.GetUpper());
        var two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}

/// <summary>How well two shapes fit.</summary>
/// <param name="Correlation">Where they fit best.</param>
/// <param name="Shift">How far that is from the first place that was tried.</param>
internal readonly record struct Fit(float Correlation, int Shift);
