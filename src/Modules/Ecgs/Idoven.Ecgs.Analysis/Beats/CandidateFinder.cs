using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds every peak of the QRS envelope in a stretch of a lead. The envelope is the moving average of the rectified band-passed
/// signal (Hamilton and Tompkins, 1986: Quantitative investigation of QRS detection rules), here with filters of finite length and on a
/// signal averaged down to 150 to 300 Hz: the same peaks come out wherever a stretch begins.
/// </summary>
internal sealed class CandidateFinder
{
    private const double LowestRate = 150;
    // In steps of the integer samples: what is below, rounding made.
    private const float Resolution = 0.05f;
    private const double AveragingMs = 120;
    private const double PeakDistanceMs = 110;
    private const double ShapeHalfMs = 100;
    private const double ShapeLagMs = 16;

    // Samples of the decimated signal that are made at once: what is read for them stays close to the processor.
    private const int Chunk = 1024;

    private readonly BridgedSignal signal;
    private readonly Bands bands;
    private readonly FlutterFinder flutter;
    private readonly FirFilter averaging;
    private readonly int peakDistance;
    private readonly int shapeHalf;

    private readonly List<Candidate> pool = [];

    private int origin;
    private float[] sampleBuffer = [];
    private float[] chunkBuffer = [];
    private float[] energyBuffer = [];

    public CandidateFinder(BridgedSignal signal, double samplingFrequency)
    {
        this.signal = signal;
        Decimation = Math.Max(1, (int)(samplingFrequency / LowestRate));
        Rate = samplingFrequency / Decimation;
        Count = signal.Length / Decimation;
        bands = new Bands(Rate);
        flutter = new FlutterFinder(Rate);
        averaging = FirFilter.Mean(Round(AveragingMs / 2));
        peakDistance = Round(PeakDistanceMs);
        Lag = Round(ShapeLagMs);
        shapeHalf = Round(ShapeHalfMs) + Lag;
    }

    /// <summary>Samples of the lead in one sample of the decimated signal.</summary>
    public int Decimation { get; }

    /// <summary>Sampling frequency of the decimated signal.</summary>
    public double Rate { get; }

    /// <summary>Samples of the decimated signal.</summary>
    public int Count { get; }

    /// <summary>Samples by which a shape is longer on each side than what is compared.</summary>
    public int Lag { get; }

    /// <summary>Samples of a shape.</summary>
    public int ShapeLength => (2 * shapeHalf) + 1;

    /// <summary>The windows of ventricular flutter in the stretch looked at last.</summary>
    public IReadOnlyList<(int First, int Last)> Flutter { get; private set; } = [];

    /// <summary>The candidates from <paramref name="first"/> up to <paramref name="end"/>, in samples of the decimated signal.</summary>
    /// <returns>They are good until the next call.</returns>
    public ReadOnlySpan<Candidate> Find(int first, int end)
    {
        // Layers of margin: filters need neighbours, averages need filtered neighbours, peaks need averaged neighbours.
        var margin = peakDistance + averaging.Half + bands.Half + shapeHalf;
        origin = first - margin;
        var x = Decimate(origin, end - first + (2 * margin));
        bands.Filter(x);
        var energy = Of(ref energyBuffer, x.Length);
        averaging.Apply(bands.Qrs, energy[averaging.Half..^averaging.Half]);
        var count = 0;
        for (var i = margin; i < x.Length - margin; i++)
        {
            i = NextHill(energy, i, x.Length - margin);
            if (i < x.Length - margin && IsPeak(energy, i))
            {
                if (count == pool.Count)
                {
                    pool.Add(new Candidate(new Shape(ShapeLength, Lag)));
                }

                Describe(pool[count++], i, energy[i]);
            }
        }

        Flutter = flutter.Find(bands.Flutter[bands.FlutterHalf..^bands.FlutterHalf], origin + bands.FlutterHalf);
        return CollectionsMarshal.AsSpan(pool)[..count];
    }

    /// <summary>The signal from 2.5 to 35 Hz around a candidate that was found last.</summary>
    /// <param name="candidate">One of the last call of <see cref="Find"/>, in its stretch.</param>
    /// <param name="reach">Samples of the decimated signal on each side.</param>
    public ReadOnlySpan<float> Around(Candidate candidate, int reach) => bands.Shape.Slice(candidate.Index - origin - reach, (2 * reach) + 1);

    /// <summary>The decimated signal of the stretch looked at last.</summary>
    public ReadOnlySpan<float> Signal(int first, int end) => sampleBuffer.AsSpan(first - origin, end - first);

    /// <summary>The same from 2.5 to 35 Hz.</summary>
    public ReadOnlySpan<float> Shape(int first, int end) => bands.Shape[(first - origin)..(end - origin)];

    private void Describe(Candidate candidate, int i, float energy)
    {
        var around = bands.Shape.Slice(i - shapeHalf, ShapeLength);
        candidate.Index = origin + i;
        candidate.Energy = Math.Log(energy);
        candidate.Sharp = Log(averaging.At(bands.Sharp, i));
        candidate.Slow = Log(averaging.At(bands.Slow, i));
        candidate.Amplitude = Log(PeakToPeak(around));
        candidate.Shape.Set(around);
    }

    private static float PeakToPeak(ReadOnlySpan<float> samples)
    {
        // The last vector may overlap the one before it.
        var (low, high) = (Vector128.Create(float.MaxValue), Vector128.Create(float.MinValue));
        for (var k = 0; k < samples.Length; k += Vector128<float>.Count)
        {
            var values = Vector128.Create(samples[Math.Min(k, samples.Length - Vector128<float>.Count)..]);
            (low, high) = (Vector128.Min(low, values), Vector128.Max(high, values));
        }

        return Math.Max(Math.Max(high[0], high[1]), Math.Max(high[2], high[3])) - Math.Min(Math.Min(low[0], low[1]), Math.Min(low[2], low[3]));
    }

    /// <summary>The first sample from <paramref name="i"/> on that is higher than the one before it and no lower than the one after it.</summary>
    private static int NextHill(ReadOnlySpan<float> energy, int i, int end)
    {
        ref var first = ref MemoryMarshal.GetReference(energy);
        for (; i + Vector256<float>.Count < energy.Length && i < end; i += Vector256<float>.Count)
        {
            var (before, here, after) = (Vector256.LoadUnsafe(ref first, (nuint)i - 1), Vector256.LoadUnsafe(ref first, (nuint)i), Vector256.LoadUnsafe(ref first, (nuint)i + 1));
            var hills = (Vector256.GreaterThan(here, before) & Vector256.GreaterThanOrEqual(here, after)).ExtractMostSignificantBits();
            if (hills != 0)
            {
                return i + BitOperations.TrailingZeroCount(hills);
            }
        }

        return i;
    }

    /// <summary>The highest of its neighbourhood; of equals the first.</summary>
    private bool IsPeak(ReadOnlySpan<float> energy, int i)
    {
        var peak = energy[i];
        if (peak < Resolution)
        {
            return false;
        }

        for (var k = 1; k <= peakDistance; k++)
        {
            if (energy[i - k] >= peak || energy[i + k] > peak)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A buffer that serves one stretch after the other.</summary>
    private static Span<float> Of(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            // A little more: the second stretch of a lead is longer than the first.
            buffer = new float[length + (length / 16)];
        }

        return buffer.AsSpan(0, length);
    }

    private Span<float> Decimate(int start, int count)
    {
        var decimated = Of(ref sampleBuffer, count);
        if (Decimation == 1)
        {
            signal.Read(start, decimated);
            return decimated;
        }

        for (var at = 0; at < count; at += Chunk)
        {
            var samples = Of(ref chunkBuffer, Chunk * Decimation)[..(Math.Min(Chunk, count - at) * Decimation)];
            signal.Read((start + at) * Decimation, samples);
            Average(samples, decimated[at..]);
        }

        return decimated;
    }

    private void Average(ReadOnlySpan<float> samples, Span<float> means)
    {
        var i = 0;
        if (Decimation == 2)
        {
            // From 300 to 450 Hz, where long recordings are: eight pairs at a time, those in even and those in odd places, each in order.
            var sorted = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
            for (; i <= (samples.Length / 2) - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var first = Vector256.Shuffle(Vector256.Create(samples[(2 * i)..]), sorted);
                var second = Vector256.Shuffle(Vector256.Create(samples[((2 * i) + Vector256<float>.Count)..]), sorted);
                var even = Vector256.Create(first.GetLower(), second.GetLower());
                ((even + Vector256.Create(first.GetUpper(), second.GetUpper())) / 2).CopyTo(means[i..]);
            }
        }

        for (; i < samples.Length / Decimation; i++)
        {
            var sum = 0f;
            foreach (var sample in samples.Slice(i * Decimation, Decimation))
            {
                sum += sample;
            }

            means[i] = sum / Decimation;
        }
    }

    private static double Log(double size) => Math.Log(Math.Max(size, double.Epsilon));

    private int Round(double ms) => (int)Math.Round(ms * Rate / 1000);
}
