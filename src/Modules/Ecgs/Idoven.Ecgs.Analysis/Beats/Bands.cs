using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Filters a stretch of a lead into the frequency bands in which beats are detected, all in one pass: each pair of samples at the same
/// distance before and after is added once for all bands. The results equal those of <see cref="FirFilter.Apply"/> bit by bit.
/// Buffers are reused from stretch to stretch. Samples closer to an end than half a filter are not valid.
/// </summary>
internal sealed class Bands
{
    private const int Width = 8;

    // From the longest to the shortest; the last three have the same length.
    private readonly FirFilter flutterBand;
    private readonly FirFilter waveformBand;
    private readonly FirFilter qrsBand;
    private readonly FirFilter sharpBand;
    private readonly FirFilter slowBand;

    private float[] flutter = [];
    private float[] waveform = [];
    private float[] qrs = [];
    private float[] sharp = [];
    private float[] slow = [];
    private int length;

    public Bands(double rate)
    {
        flutterBand = FirFilter.BandPass(2, 20, 250, rate);
        waveformBand = FirFilter.BandPass(2.5, 35, 150, rate);
        qrsBand = FirFilter.BandPass(10, 30, 80, rate);
        sharpBand = FirFilter.BandPass(18, 40, 80, rate);
        slowBand = FirFilter.BandPass(3, 10, 80, rate);
    }

    /// <summary>Gets half the length of the longest filter except that of <see cref="Flutter"/>, in samples.</summary>
    public int Half => waveformBand.Half;

    /// <summary>Gets half the length of the filter of <see cref="Flutter"/>, in samples.</summary>
    public int FlutterHalf => flutterBand.Half;

    /// <summary>Gets the signal from 2 to 20 Hz.</summary>
    public ReadOnlySpan<float> Flutter => flutter.AsSpan(0, length);

    /// <summary>Gets the signal from 2.5 to 35 Hz.</summary>
    public ReadOnlySpan<float> Waveform => waveform.AsSpan(0, length);

    /// <summary>Gets the rectified signal from 10 to 30 Hz, which holds most of a QRS complex's energy.</summary>
    public ReadOnlySpan<float> Qrs => qrs.AsSpan(0, length);

    /// <summary>Gets the rectified signal from 18 to 40 Hz.</summary>
    public ReadOnlySpan<float> Sharp => sharp.AsSpan(0, length);

    /// <summary>Gets the rectified signal from 3 to 10 Hz.</summary>
    public ReadOnlySpan<float> Slow => slow.AsSpan(0, length);

    /// <summary>Filters the next stretch, which must be longer than the longest filter.</summary>
    public void Filter(ReadOnlySpan<float> x)
    {
        length = x.Length;
        if (flutter.Length < length)
        {
            // With a reserve, because the second stretch of a lead is longer than the first.
            var capacity = length + (length / 16);
            (flutter, waveform) = (new float[capacity], new float[capacity]);
            (qrs, sharp, slow) = (new float[capacity], new float[capacity], new float[capacity]);
        }

        var end = flutterBand.Half;
        for (; end + (2 * Width) <= length - flutterBand.Half; end += 2 * Width)
        {
            FilterAt(x, end);
        }

        Complete(x, flutterBand, flutter, end);
        Complete(x, waveformBand, waveform, end);
        Rectify(Complete(x, qrsBand, qrs, end), end);
        Rectify(Complete(x, sharpBand, sharp, end), end);
        Rectify(Complete(x, slowBand, slow, end), end);
    }

    /// <summary>Computes all bands of sixteen samples from <paramref name="at"/> on.</summary>
    private void FilterAt(ReadOnlySpan<float> x, int at)
    {
        ref var here = ref Unsafe.Add(ref MemoryMarshal.GetReference(x), at);
        var zero = Vector256<float>.Zero;
        var (flutter0, flutter1, waveform0, waveform1) = (zero, zero, zero, zero);
        var (qrs0, qrs1, sharp0, sharp1, slow0, slow1) = (zero, zero, zero, zero, zero, zero);
        ref var flutterTap = ref Centre(flutterBand);
        ref var waveformTap = ref Centre(waveformBand);
        ref var qrsTap = ref Centre(qrsBand);
        ref var sharpTap = ref Centre(sharpBand);
        ref var slowTap = ref Centre(slowBand);
        var distance = flutterBand.Half;
        for (; distance > waveformBand.Half; distance--)
        {
            var (pair0, pair1) = (Pair(ref here, distance), Pair(ref Unsafe.Add(ref here, Width), distance));
            var tap = Vector256.Create(Unsafe.Subtract(ref flutterTap, distance));
            (flutter0, flutter1) = (flutter0 + (pair0 * tap), flutter1 + (pair1 * tap));
        }

        for (; distance > qrsBand.Half; distance--)
        {
            var (pair0, pair1) = (Pair(ref here, distance), Pair(ref Unsafe.Add(ref here, Width), distance));
            var tap = Vector256.Create(Unsafe.Subtract(ref flutterTap, distance));
            (flutter0, flutter1) = (flutter0 + (pair0 * tap), flutter1 + (pair1 * tap));
            tap = Vector256.Create(Unsafe.Subtract(ref waveformTap, distance));
            (waveform0, waveform1) = (waveform0 + (pair0 * tap), waveform1 + (pair1 * tap));
        }

        for (; distance > 0; distance--)
        {
            var (pair0, pair1) = (Pair(ref here, distance), Pair(ref Unsafe.Add(ref here, Width), distance));
            var tap = Vector256.Create(Unsafe.Subtract(ref flutterTap, distance));
            (flutter0, flutter1) = (flutter0 + (pair0 * tap), flutter1 + (pair1 * tap));
            tap = Vector256.Create(Unsafe.Subtract(ref waveformTap, distance));
            (waveform0, waveform1) = (waveform0 + (pair0 * tap), waveform1 + (pair1 * tap));
            tap = Vector256.Create(Unsafe.Subtract(ref qrsTap, distance));
            (qrs0, qrs1) = (qrs0 + (pair0 * tap), qrs1 + (pair1 * tap));
            tap = Vector256.Create(Unsafe.Subtract(ref sharpTap, distance));
            (sharp0, sharp1) = (sharp0 + (pair0 * tap), sharp1 + (pair1 * tap));
            tap = Vector256.Create(Unsafe.Subtract(ref slowTap, distance));
            (slow0, slow1) = (slow0 + (pair0 * tap), slow1 + (pair1 * tap));
        }

        var (middle0, middle1) = (Vector256.LoadUnsafe(ref here), Vector256.LoadUnsafe(ref here, Width));
        Store(flutter0 + (middle0 * flutterTap), flutter1 + (middle1 * flutterTap), flutter, at);
        Store(waveform0 + (middle0 * waveformTap), waveform1 + (middle1 * waveformTap), waveform, at);
        Store(Vector256.Abs(qrs0 + (middle0 * qrsTap)), Vector256.Abs(qrs1 + (middle1 * qrsTap)), qrs, at);
        Store(Vector256.Abs(sharp0 + (middle0 * sharpTap)), Vector256.Abs(sharp1 + (middle1 * sharpTap)), sharp, at);
        Store(Vector256.Abs(slow0 + (middle0 * slowTap)), Vector256.Abs(slow1 + (middle1 * slowTap)), slow, at);
    }

    private static ref float Centre(FirFilter band) => ref MemoryMarshal.GetReference(band.Taps[band.Half..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(ref float here, int distance) =>
        Vector256.LoadUnsafe(ref Unsafe.Subtract(ref here, distance)) + Vector256.LoadUnsafe(ref Unsafe.Add(ref here, distance));

    private static void Store(Vector256<float> first, Vector256<float> second, float[] into, int at)
    {
        first.CopyTo(into, at);
        second.CopyTo(into, at + Width);
    }

    /// <summary>Filters the remaining samples: those before half the longest filter, and those from <paramref name="end"/> on.</summary>
    private Span<float> Complete(ReadOnlySpan<float> x, FirFilter band, float[] into, int end)
    {
        var (half, first) = (band.Half, flutterBand.Half);
        band.Apply(x[..(first + half)], into.AsSpan(half..first));
        band.Apply(x[(end - half)..], into.AsSpan(end..(length - half)));
        return into.AsSpan(0, length);
    }

    private void Rectify(Span<float> filtered, int end)
    {
        for (var i = 0; i < filtered.Length; i = i + 1 == flutterBand.Half ? end : i + 1)
        {
            filtered[i] = Math.Abs(filtered[i]);
        }
    }
}
