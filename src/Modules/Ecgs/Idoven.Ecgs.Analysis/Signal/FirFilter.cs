using System.Numerics;
using System.Runtime.InteropServices;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>
/// Represents a symmetric filter of finite length. It has linear phase, so peaks do not move. A sample further away than half its length
/// has no influence, so a signal can be filtered in pieces and artefacts do not ring.
/// </summary>
internal sealed class FirFilter
{
    private readonly float[] taps;

    private FirFilter(float[] taps) => this.taps = taps;

    /// <summary>Gets the number of samples that are needed on each side of the filtered one.</summary>
    public int Half => taps.Length / 2;

    /// <summary>Gets the coefficients.</summary>
    public ReadOnlySpan<float> Taps => taps;

    /// <summary>
    /// Creates a band-pass filter: the ideal one under a Hann window, with a gain of 0 at 0 Hz and of 1 in the middle of the band.
    /// </summary>
    /// <param name="low">Lower edge in Hz.</param>
    /// <param name="high">Upper edge in Hz; limited to 0.45 times the sampling frequency.</param>
    /// <param name="halfMs">Half the length in ms.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    public static FirFilter BandPass(double low, double high, double halfMs, double samplingFrequency)
    {
        high = Math.Min(high, 0.45 * samplingFrequency);
        var half = Math.Max(2, (int)Math.Round(halfMs * samplingFrequency / 1000));
        var taps = new double[(2 * half) + 1];
        var window = new double[taps.Length];
        for (var k = -half; k <= half; k++)
        {
            var (highSine, lowSine) =
                (Math.Sin(2 * Math.PI * high * k / samplingFrequency), Math.Sin(2 * Math.PI * low * k / samplingFrequency));
            var ideal = k == 0 ? 2 * (high - low) / samplingFrequency : (highSine - lowSine) / (Math.PI * k);
            window[k + half] = 0.5 + (0.5 * Math.Cos(Math.PI * k / (half + 1)));
            taps[k + half] = ideal * window[k + half];
        }

        var offset = taps.Sum() / window.Sum();
        var gain = 0.0;
        for (var k = -half; k <= half; k++)
        {
            taps[k + half] -= offset * window[k + half];
            gain += taps[k + half] * Math.Cos(Math.PI * (low + high) * k / samplingFrequency);
        }

        return new FirFilter([.. taps.Select(tap => (float)(tap / gain))]);
    }

    /// <summary>Creates a moving average over a sample and its neighbours.</summary>
    /// <param name="half">Number of neighbours on each side.</param>
    public static FirFilter Mean(int half) => new([.. Enumerable.Repeat(1f / ((2 * half) + 1), (2 * half) + 1)]);

    /// <summary>Filters every sample that has <see cref="Half"/> neighbours on each side.</summary>
    /// <param name="input">n samples.</param>
    /// <param name="output">n - 2 <see cref="Half"/> samples; the first corresponds to input sample <see cref="Half"/>.</param>
    public void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        // Vectors hold neighbouring outputs, so each output is summed in the same order for every vector width.
        var count = input.Length - (2 * Half);
        ref var source = ref MemoryMarshal.GetReference(input);
        var width = Vector<float>.Count;
        var i = 0;
        for (; i + (4 * width) <= count; i += 4 * width)
        {
            // Four sums at a time, because a single one would wait for each of its additions.
            var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
            for (var k = 0; k < Half; k++)
            {
                var (left, right) = ((nuint)(i + k), (nuint)(i + taps.Length - 1 - k));
                var tap = new Vector<float>(taps[k]);
                a += (Vector.LoadUnsafe(ref source, left) + Vector.LoadUnsafe(ref source, right)) * tap;
                b += (Vector.LoadUnsafe(ref source, left + (nuint)width) + Vector.LoadUnsafe(ref source, right + (nuint)width)) * tap;
                var (third, fourth) = ((nuint)(2 * width), (nuint)(3 * width));
                c += (Vector.LoadUnsafe(ref source, left + third) + Vector.LoadUnsafe(ref source, right + third)) * tap;
                d += (Vector.LoadUnsafe(ref source, left + fourth) + Vector.LoadUnsafe(ref source, right + fourth)) * tap;
            }

            var middle = (nuint)(i + Half);
            (a + (Vector.LoadUnsafe(ref source, middle) * taps[Half])).CopyTo(output[i..]);
            (b + (Vector.LoadUnsafe(ref source, middle + (nuint)width) * taps[Half])).CopyTo(output[(i + width)..]);
            (c + (Vector.LoadUnsafe(ref source, middle + (nuint)(2 * width)) * taps[Half])).CopyTo(output[(i + (2 * width))..]);
            (d + (Vector.LoadUnsafe(ref source, middle + (nuint)(3 * width)) * taps[Half])).CopyTo(output[(i + (3 * width))..]);
        }

        for (; i + width <= count; i += width)
        {
            var sum = Vector<float>.Zero;
            for (var k = 0; k < Half; k++)
            {
                var (left, right) = ((nuint)(i + k), (nuint)(i + taps.Length - 1 - k));
                sum += (Vector.LoadUnsafe(ref source, left) + Vector.LoadUnsafe(ref source, right)) * new Vector<float>(taps[k]);
            }

            (sum + (Vector.LoadUnsafe(ref source, (nuint)(i + Half)) * taps[Half])).CopyTo(output[i..]);
        }

        for (; i < count; i++)
        {
            output[i] = At(input, i + Half);
        }
    }

    /// <summary>Filters one sample, which has <see cref="Half"/> neighbours on each side.</summary>
    public float At(ReadOnlySpan<float> input, int index)
    {
        var around = input.Slice(index - Half, taps.Length);
        var sum = 0f;
        for (var k = 0; k < Half; k++)
        {
            sum += (around[k] + around[^(k + 1)]) * taps[k];
        }

        return sum + (around[Half] * taps[Half]);
    }
}
