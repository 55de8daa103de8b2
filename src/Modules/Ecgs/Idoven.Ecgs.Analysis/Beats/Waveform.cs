using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Represents a short piece of signal that is correlated with others at every shift. The arithmetic is written lane by lane, so the
/// result is the same on every CPU. <see cref="Set"/> replaces the samples without an allocation.
/// </summary>
internal sealed class Waveform
{
    /// <summary>The number of waveforms that are correlated at a time.</summary>
    public const int AtOnce = 4;

    private static readonly WaveformMatch None = new(float.NegativeInfinity, 0);

    private readonly float[] samples;
    private readonly float[] unit;

    // Rounded up to whole vectors; the padding after the last shift is 0.
    private readonly float[] inverseNorms;

    private bool isUnitKnown;
    private bool areNormsKnown;
    private double mean;

    /// <summary>Creates a waveform whose samples are 0.</summary>
    /// <param name="length">Number of samples, including <paramref name="lag"/> on each side of the part that is compared.</param>
    /// <param name="lag">The largest shift in either direction, in samples.</param>
    public Waveform(int length, int lag)
    {
        Lag = lag;
        Length = length - (2 * lag);
        Centre = length / 2;
        inverseNorms = new float[((2 * lag) + Vector256<float>.Count) & -Vector256<float>.Count];
        samples = new float[Length + inverseNorms.Length + Vector256<float>.Count];
        unit = new float[(Length + Vector256<float>.Count - 1) & -Vector256<float>.Count];
    }

    /// <summary>Creates a waveform from samples.</summary>
    /// <param name="samples">The signal.</param>
    /// <param name="lag">The largest shift in either direction, in samples.</param>
    public Waveform(ReadOnlySpan<float> samples, int lag)
        : this(samples.Length, lag) => Set(samples);

    /// <summary>Gets the samples.</summary>
    public ReadOnlySpan<float> Samples => samples.AsSpan(0, Length + (2 * Lag));

    /// <summary>Gets the index of the middle sample.</summary>
    public int Centre { get; }

    /// <summary>Gets the number of samples that are compared.</summary>
    public int Length { get; }

    /// <summary>Gets the largest shift in either direction, in samples.</summary>
    public int Lag { get; }

    /// <summary>Gets 1 / norm at each shift. Computed on first use, since most waveforms are never compared.</summary>
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

    /// <summary>Gets the middle part, minus its mean and scaled to norm 1. Computed on first use.</summary>
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

    /// <summary>Replaces the samples by others of the same length.</summary>
    public void Set(ReadOnlySpan<float> signal)
    {
        signal.CopyTo(samples);
        (isUnitKnown, areNormsKnown) = (false, false);
    }

    /// <summary>Correlates the middle of this waveform with another one at every shift.</summary>
    /// <returns>The best match.</returns>
    public WaveformMatch Correlate(Waveform other)
    {
        Span<WaveformMatch> matches = stackalloc WaveformMatch[AtOnce];
        Correlate(other, other, other, other, matches);
        return matches[0];
    }

    /// <summary>Finds the waveform whose middle correlates best with another one at any shift; the first of equal ones.</summary>
    /// <param name="waveforms">All of one length.</param>
    /// <param name="other">The waveform to compare with.</param>
    /// <param name="least">The correlation that must be exceeded.</param>
    /// <returns>The index and the match; index -1 if no correlation exceeds <paramref name="least"/>.</returns>
    public static (int Index, WaveformMatch Match) FindBestMatch(ReadOnlySpan<Waveform> waveforms, Waveform other, double least)
    {
        Span<WaveformMatch> matches = stackalloc WaveformMatch[AtOnce];
        var best = (Index: -1, Match: default(WaveformMatch));
        for (var i = 0; i < waveforms.Length; i += AtOnce)
        {
            var last = waveforms.Length - 1;
            var (second, third, fourth) = (Math.Min(i + 1, last), Math.Min(i + 2, last), Math.Min(i + 3, last));
            Correlate(waveforms[i], waveforms[second], waveforms[third], waveforms[fourth], other, matches);
            for (var k = 0; k < AtOnce; k++)
            {
                if (matches[k].Correlation > least)
                {
                    (best, least) = ((i + k, matches[k]), matches[k].Correlation);
                }
            }
        }

        return best;
    }

    /// <summary>Correlates this waveform with four others at a time, so that it is read once for all four.</summary>
    public void Correlate(Waveform first, Waveform second, Waveform third, Waveform fourth, Span<WaveformMatch> matches)
    {
        ref var tap = ref MemoryMarshal.GetArrayDataReference(Unit);
        var (normsA, normsB, normsC, normsD) = (first.InverseNorms, second.InverseNorms, third.InverseNorms, fourth.InverseNorms);
        matches[..AtOnce].Fill(None);
        for (var shift = 0; shift <= 2 * first.Lag; shift += Vector256<float>.Count)
        {
            // One lane for each shift, so nothing is added across lanes. Two sums each (even and odd samples), because a single one would
            // wait for each of its additions.
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

            matches[0] = Better(matches[0], a + oddA, normsA, shift, 2 * first.Lag);
            matches[1] = Better(matches[1], b + oddB, normsB, shift, 2 * first.Lag);
            matches[2] = Better(matches[2], c + oddC, normsC, shift, 2 * first.Lag);
            matches[3] = Better(matches[3], d + oddD, normsD, shift, 2 * first.Lag);
        }
    }

    /// <summary>Correlates four waveforms with another one at a time, so that the other one is read once for all four.</summary>
    private static void Correlate(
        Waveform first, Waveform second, Waveform third, Waveform fourth, Waveform other, Span<WaveformMatch> matches)
    {
        ref var tapA = ref MemoryMarshal.GetArrayDataReference(first.Unit);
        ref var tapB = ref MemoryMarshal.GetArrayDataReference(second.Unit);
        ref var tapC = ref MemoryMarshal.GetArrayDataReference(third.Unit);
        ref var tapD = ref MemoryMarshal.GetArrayDataReference(fourth.Unit);
        var norms = other.InverseNorms;
        matches[..AtOnce].Fill(None);
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

            matches[0] = Better(matches[0], a + oddA, norms, shift, 2 * other.Lag);
            matches[1] = Better(matches[1], b + oddB, norms, shift, 2 * other.Lag);
            matches[2] = Better(matches[2], c + oddC, norms, shift, 2 * other.Lag);
            matches[3] = Better(matches[3], d + oddD, norms, shift, 2 * other.Lag);
        }
    }

    /// <summary>Returns the better of the best match so far and of the matches at the next eight shifts.</summary>
    private static WaveformMatch Better(WaveformMatch best, Vector256<float> sums, float[] norms, int shift, int lastShift)
    {
        var isShift = Vector256.LessThanOrEqual(Vector256<int>.Indices + Vector256.Create(shift), Vector256.Create(lastShift)).AsSingle();
        var scaled = sums * Vector256.LoadUnsafe(ref norms[shift]);
        var correlations = Vector256.ConditionalSelect(isShift, scaled, Vector256.Create(float.NegativeInfinity));
        var highest = Highest(correlations);
        var isHighest = Vector256.Equals(correlations, Vector256.Create(highest)).ExtractMostSignificantBits();
        return highest > best.Correlation
            ? new WaveformMatch(highest, shift + BitOperations.TrailingZeroCount(isHighest))
            : best;
    }

    /// <summary>Adds the shifted waveform, scaled to norm 1, to a sum of <see cref="Length"/> samples.</summary>
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
            // Sliding sums: one sample enters, one leaves.
            var (leaving, entering) = ((double)samples[shift - 1], (double)samples[shift + Length - 1]);
            sums[shift] = sums[shift - 1] + (entering - leaving);
            squares[shift] = squares[shift - 1] + ((entering * entering) - (leaving * leaving));
        }

        mean = sums[Lag] / Length;
        for (var shift = 0; shift <= 2 * Lag; shift += Vector256<float>.Count)
        {
            var next = shift + Vector256<double>.Count;
            Vector256.Narrow(Inverse(sums[shift..], squares[shift..]), Inverse(sums[next..], squares[next..])).CopyTo(inverseNorms, shift);
        }

        // 1 / norm of the samples minus their mean; 0 if all samples are equal.
        Vector256<double> Inverse(ReadOnlySpan<double> sum, ReadOnlySpan<double> square)
        {
            var variance = Vector256.Create(square) - (Vector256.Create(sum) * Vector256.Create(sum) / Length);
            return Vector256.GreaterThan(variance, Vector256<double>.Zero) & (Vector256<double>.One / Vector256.Sqrt(variance));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MeasureUnit()
    {
        // The padding after the unit waveform is never used.
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

    /// <summary>Returns the highest of eight values.</summary>
    public static float Highest(Vector256<float> values)
    {
        var four = Vector128.MaxNative(values.GetLower(), values.GetUpper());
        var two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}

/// <summary>Represents the best match of two waveforms.</summary>
/// <param name="Correlation">Their correlation at the best shift.</param>
/// <param name="Shift">The best shift in samples, from 0 (moved by the full lag) to twice the lag.</param>
internal readonly record struct WaveformMatch(float Correlation, int Shift);
