using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds every peak of the QRS envelope in a stretch of a lead. The envelope is the moving average of the rectified band-passed
/// signal (Hamilton and Tompkins, 1986: Quantitative investigation of QRS detection rules). Deviations: the filters have finite length
/// and the signal is averaged down to 150 to 300 Hz, so the result does not depend on where a stretch begins.
/// </summary>
internal sealed class CandidateFinder
{
    private const double LowestRate = 150;

    // In units of the integer samples: smaller peaks are rounding noise.
    private const float Resolution = 0.05f;
    private const double AveragingMs = 120;
    private const double PeakDistanceMs = 110;
    private const double WaveformHalfMs = 100;
    private const double WaveformLagMs = 16;

    // Samples of the decimated signal that are computed at a time: their input stays in the processor's cache.
    private const int Chunk = 1024;

    private readonly BridgedSignal signal;
    private readonly Bands bands;
    private readonly FlutterFinder flutter;
    private readonly FirFilter averaging;
    private readonly int peakDistance;
    private readonly int waveformHalf;

    private readonly List<Candidate> pool = [];

    private int count;
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
        Lag = Round(WaveformLagMs);
        waveformHalf = Round(WaveformHalfMs) + Lag;
    }

    /// <summary>Gets the number of lead samples that are averaged into one sample of the decimated signal.</summary>
    public int Decimation { get; }

    /// <summary>Gets the sampling frequency of the decimated signal in Hz.</summary>
    public double Rate { get; }

    /// <summary>Gets the number of samples of the decimated signal.</summary>
    public int Count { get; }

    /// <summary>Gets the largest shift when two waveforms are compared, in samples of the decimated signal.</summary>
    public int Lag { get; }

    /// <summary>Gets the number of samples of a candidate's waveform.</summary>
    public int WaveformLength => (2 * waveformHalf) + 1;

    /// <summary>Gets the windows of ventricular flutter in the current stretch, in samples of the decimated signal.</summary>
    public IReadOnlyList<(int First, int Last)> Flutter { get; private set; } = [];

    /// <summary>Gets the candidates of the current stretch in order of time. Valid until the next call of <see cref="Find"/>.</summary>
    public ReadOnlySpan<Candidate> Candidates => CollectionsMarshal.AsSpan(pool)[..count];

    /// <summary>Finds the candidates of the next stretch, which becomes the current one.</summary>
    /// <param name="first">Its first sample, in samples of the decimated signal.</param>
    /// <param name="end">Its end, exclusive.</param>
    /// <returns><see cref="Candidates"/>.</returns>
    public ReadOnlySpan<Candidate> Find(int first, int end)
    {
        // The margins add up: filters need neighbours, averages need filtered neighbours, peaks need averaged neighbours.
        var margin = peakDistance + averaging.Half + bands.Half + waveformHalf;
        origin = first - margin;
        var x = Decimate(origin, end - first + (2 * margin));
        bands.Filter(x);
        var energy = Rent(ref energyBuffer, x.Length);
        averaging.Apply(bands.Qrs, energy[averaging.Half..^averaging.Half]);
        count = 0;
        for (var i = margin; i < x.Length - margin; i++)
        {
            i = NextMaximum(energy, i, x.Length - margin);
            if (i < x.Length - margin && IsPeak(energy, i))
            {
                if (count == pool.Count)
                {
                    pool.Add(new Candidate(new Waveform(WaveformLength, Lag)));
                }

                Describe(pool[count++], i, energy[i]);
            }
        }

        Flutter = flutter.Find(bands.Flutter[bands.FlutterHalf..^bands.FlutterHalf], origin + bands.FlutterHalf);
        return Candidates;
    }

    /// <summary>Returns the signal from 2.5 to 35 Hz around a candidate of the current stretch.</summary>
    /// <param name="candidate">One of <see cref="Candidates"/>.</param>
    /// <param name="reach">Samples of the decimated signal on each side.</param>
    public ReadOnlySpan<float> ReadWaveform(Candidate candidate, int reach) =>
        bands.Waveform.Slice(candidate.Index - origin - reach, (2 * reach) + 1);

    /// <summary>Returns a part of the decimated signal of the current stretch.</summary>
    /// <param name="first">Its first sample, counted from the start of the recording.</param>
    /// <param name="end">Its end, exclusive.</param>
    public ReadOnlySpan<float> ReadSignal(int first, int end) => sampleBuffer.AsSpan(first - origin, end - first);

    /// <summary>Returns the same part of the signal from 2.5 to 35 Hz.</summary>
    /// <inheritdoc cref="ReadSignal"/>
    public ReadOnlySpan<float> ReadWaveform(int first, int end) => bands.Waveform[(first - origin)..(end - origin)];

    private void Describe(Candidate candidate, int i, float energy)
    {
        var around = bands.Waveform.Slice(i - waveformHalf, WaveformLength);
        candidate.Index = origin + i;
        candidate.Energy = Math.Log(energy);
        candidate.Sharp = Log(averaging.At(bands.Sharp, i));
        candidate.Slow = Log(averaging.At(bands.Slow, i));
        candidate.Amplitude = Log(PeakToPeak(around));
        candidate.Waveform.Set(around);
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

        return Math.Max(Math.Max(high[0], high[1]), Math.Max(high[2], high[3]))
            - Math.Min(Math.Min(low[0], low[1]), Math.Min(low[2], low[3]));
    }

    /// <summary>
    /// Returns the first sample from <paramref name="i"/> on that is higher than the one before it and not lower than the one after it.
    /// </summary>
    private static int NextMaximum(ReadOnlySpan<float> energy, int i, int end)
    {
        ref var first = ref MemoryMarshal.GetReference(energy);
        for (; i + Vector256<float>.Count < energy.Length && i < end; i += Vector256<float>.Count)
        {
            var before = Vector256.LoadUnsafe(ref first, (nuint)i - 1);
            var here = Vector256.LoadUnsafe(ref first, (nuint)i);
            var after = Vector256.LoadUnsafe(ref first, (nuint)i + 1);
            var maxima = (Vector256.GreaterThan(here, before) & Vector256.GreaterThanOrEqual(here, after)).ExtractMostSignificantBits();
            if (maxima != 0)
            {
                return i + BitOperations.TrailingZeroCount(maxima);
            }
        }

        return i;
    }

    /// <summary>Returns whether a sample is the highest within the peak distance; of equal ones the first is.</summary>
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

    /// <summary>Returns a buffer that is reused from stretch to stretch.</summary>
    private static Span<float> Rent(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            // With a reserve, because the second stretch of a lead is longer than the first.
            buffer = new float[length + (length / 16)];
        }

        return buffer.AsSpan(0, length);
    }

    private Span<float> Decimate(int start, int count)
    {
        var decimated = Rent(ref sampleBuffer, count);
        if (Decimation == 1)
        {
            signal.Read(start, decimated);
            return decimated;
        }

        for (var at = 0; at < count; at += Chunk)
        {
            var samples = Rent(ref chunkBuffer, Chunk * Decimation)[..(Math.Min(Chunk, count - at) * Decimation)];
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
            // From 300 to 450 Hz, the usual range of long recordings: eight pairs at a time, even and odd samples each in order.
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
