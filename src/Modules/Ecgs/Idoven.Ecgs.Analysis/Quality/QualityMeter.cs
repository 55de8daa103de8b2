using System.Runtime.Intrinsics;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>
/// Measures the quality of a lead in windows of ten seconds, from the filtered signal and the candidates of each stretch.
/// </summary>
internal sealed class QualityMeter
{
    /// <summary>The length of a window in seconds.</summary>
    public const double WindowS = StretchDetector.WindowS;

    private const int SaturatedRow = 3;
    private const double LineWindowS = 2;

    private readonly ReadOnlyMemory<int> samples;
    private readonly BridgedSignal signal;
    private readonly double samplingFrequency;
    private readonly double rate;
    private readonly int decimation;
    private readonly int window;
    private readonly (int Lowest, int Highest) range;
    private readonly BlockList<WindowMeasures> measured = new();
    private double[] hann = [];

    public QualityMeter(ReadOnlyMemory<int> samples, BridgedSignal signal, double samplingFrequency, double rate, int decimation)
    {
        (this.samples, this.signal, this.samplingFrequency) = (samples, signal, samplingFrequency);
        (this.rate, this.decimation) = (rate, decimation);
        window = (int)(WindowS * rate);
        range = samples.IsEmpty ? default : Extremes.Find(samples.Span);
    }

    /// <summary>Gets the windows so far, in order of time.</summary>
    public IReadOnlyList<WindowMeasures> Measured => measured;

    /// <summary>Measures the windows that begin in a stretch.</summary>
    /// <param name="start">The first sample of the stretch, in samples of the decimated signal: a multiple of the window.</param>
    /// <param name="end">Its end, exclusive.</param>
    /// <param name="finder">The finder whose current stretch it is.</param>
    /// <param name="morphologies">The morphologies of the candidates that are beats.</param>
    public void Measure(int start, int end, CandidateFinder finder, ReadOnlySpan<BeatMorphology> morphologies)
    {
        var candidates = finder.Candidates;
        var (next, beat) = (0, 0);
        for (var first = start; first < end; first += window)
        {
            var last = Math.Min(end, first + window);
            while (next < candidates.Length && candidates[next].Index < first)
            {
                beat += candidates[next++].IsBeat ? 1 : 0;
            }

            var (from, firstBeat) = (next, beat);
            while (next < candidates.Length && candidates[next].Index < last)
            {
                beat += candidates[next++].IsBeat ? 1 : 0;
            }

            // A short rest at the end of the recording belongs to the window before, unless it is the only one.
            if (last - first < window / 2 && measured.Count > 0)
            {
                return;
            }

            measured.Add(MeasureWindow(first, last, finder, candidates[from..next], morphologies[firstBeat..beat]));
        }
    }

    private WindowMeasures MeasureWindow(
        int first, int last, CandidateFinder finder, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<BeatMorphology> morphologies)
    {
        var (beats, initial, both, similarity) = (0, 0, 0, 0f);
        Span<double> heights = stackalloc double[64];
        for (var i = 0; i < candidates.Length; i++)
        {
            beats += candidates[i].IsBeat ? 1 : 0;
            initial += candidates[i].IsInitialBeat ? 1 : 0;
            both += candidates[i].IsBeat && candidates[i].IsInitialBeat ? 1 : 0;
            if (candidates[i].IsBeat)
            {
                similarity += morphologies[beats - 1].Similarity;
                heights[beats % heights.Length] = candidates[i].Amplitude;
            }
        }

        var band = finder.ReadWaveform(first, last);
        var (squares, fourths) = Moments(band);
        var height = beats > 0
            ? Math.Exp(LowerMedian.Compute(heights[..Math.Min(beats, heights.Length)]))
            : 6 * Math.Sqrt(squares / band.Length);
        var x = finder.ReadSignal(first, last);
        var raw = samples.Span[(first * decimation)..Math.Min(samples.Length, last * decimation)];
        var (lineHz, line) = PowerLine(raw);
        return new WindowMeasures(
            Flat(first * decimation, last * decimation), Saturated(raw), beats,
            Agreement: beats + initial == 0 ? 0 : 2f * both / (beats + initial),
            Similarity: beats == 0 ? 0 : similarity / beats,
            Kurtosis: squares > 0 ? (float)(fourths * band.Length / (squares * squares)) : 0,
            Share(Noise(x)), Share(Wander(x)), lineHz, Share(line));

        // A flat lead has no height.
        float Share(double part) => height > 0 ? (float)(part / height) : 0;
    }

    private static (double Squares, double Fourths) Moments(ReadOnlySpan<float> samples)
    {
        var (squares, fourths) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var k = 0;
        for (; k <= samples.Length - Vector256<float>.Count; k += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(samples[k..]));
            var (lowSquares, highSquares) = (low * low, high * high);
            squares += lowSquares + highSquares;
            fourths += (lowSquares * lowSquares) + (highSquares * highSquares);
        }

        var square = squares[0] + squares[1] + squares[2] + squares[3];
        var fourth = fourths[0] + fourths[1] + fourths[2] + fourths[3];
        for (; k < samples.Length; k++)
        {
            var one = (double)samples[k] * samples[k];
            square += one;
            fourth += one * one;
        }

        return (square, fourth);
    }

    private float Flat(int first, int end)
    {
        var flat = 0;
        for (var r = signal.FirstRunEndingFrom(first); r < signal.Runs.Count && signal.Runs[r].First < end; r++)
        {
            flat += Math.Min(signal.Runs[r].Last + 1, end) - Math.Max(signal.Runs[r].First, first);
        }

        return (float)flat / (end - first);
    }

    private float Saturated(ReadOnlySpan<int> raw)
    {
        if (raw.IndexOfAny(range.Lowest, range.Highest) < 0)
        {
            return 0;
        }

        var (saturated, row) = (0, 0);
        for (var i = 0; i < raw.Length; i++)
        {
            row = (raw[i] == range.Lowest || raw[i] == range.Highest) && (row == 0 || raw[i] == raw[i - 1]) ? row + 1 : 0;
            saturated += row == SaturatedRow ? SaturatedRow : row > SaturatedRow ? 1 : 0;
        }

        return (float)saturated / raw.Length;
    }

    /// <summary>Returns the mean distance of a sample from the line through its neighbours.</summary>
    private static double Noise(ReadOnlySpan<float> x)
    {
        var sums = Vector256<double>.Zero;
        var i = 1;
        for (; i < x.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var middle = (Vector256.Create(x[(i - 1)..]) + Vector256.Create(x[(i + 1)..])) * 0.5f;
            var (low, high) = Vector256.Widen(Vector256.Abs(Vector256.Create(x[i..]) - middle));
            sums += low + high;
        }

        var sum = sums[0] + sums[1] + sums[2] + sums[3];
        for (; i < x.Length - 1; i++)
        {
            sum += Math.Abs(x[i] - ((x[i - 1] + x[i + 1]) / 2));
        }

        return sum / Math.Max(1, x.Length - 2);
    }

    /// <summary>Returns the standard deviation of the means of whole seconds.</summary>
    private double Wander(ReadOnlySpan<float> x)
    {
        var second = (int)rate;
        double sum = 0, squares = 0;
        var count = x.Length / second;
        for (var s = 0; s < count; s++)
        {
            var mean = 0.0;
            foreach (var sample in x.Slice(s * second, second))
            {
                mean += sample;
            }

            mean /= second;
            sum += mean;
            squares += mean * mean;
        }

        return count < 2 ? 0 : Math.Sqrt(Math.Max(0, (squares / count) - (sum / count * (sum / count))));
    }

    /// <summary>
    /// Returns the stronger of 50 and 60 Hz in the middle of the window and its amplitude; 0 if neither exceeds its neighbourhood.
    /// </summary>
    private (float Hz, double Amplitude) PowerLine(ReadOnlySpan<int> raw)
    {
        var length = Math.Min(raw.Length, (int)(LineWindowS * samplingFrequency));
        var part = raw.Slice((raw.Length - length) / 2, length);
        var best = (Hz: 0f, Amplitude: 0.0);
        foreach (var (hz, at, around) in Amplitudes(part))
        {
            if (hz + 5 <= samplingFrequency / 2 && at > 4 * around && at > best.Amplitude)
            {
                best = (hz, at);
            }
        }

        return best;
    }

    /// <summary>
    /// Returns the amplitudes at about 50 and 60 Hz and the mean amplitudes of the neighbouring frequencies, by Goertzel's algorithm under
    /// a Hann window with one lane for each frequency.
    /// </summary>
    private ReadOnlySpan<(float Hz, double At, double Around)> Amplitudes(ReadOnlySpan<int> part)
    {
        var (at50, around50) = Goertzel.Create(50, samplingFrequency);
        var (at60, around60) = Goertzel.Create(60, samplingFrequency);
        var hann = Hann(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            var sample = Vector256.Create((part[i] - (double)part[0]) * hann[i]);
            at50.Add(sample);
            around50.Add(sample);
            at60.Add(sample);
            around60.Add(sample);
        }

        (float, double, double) Result(float hz, Vector256<double> at, Vector256<double> around) =>
            (hz, Math.Max(at[0], Math.Max(at[1], at[2])), (around[0] + around[1] + around[2] + around[3]) / 4);
        return new[]
        {
            Result(50, at50.Amplitudes(part.Length), around50.Amplitudes(part.Length)),
            Result(60, at60.Amplitudes(part.Length), around60.Amplitudes(part.Length)),
        };
    }

    /// <summary>Returns a Hann window, which is the same for nearly all windows of a lead.</summary>
    private double[] Hann(int length)
    {
        if (hann.Length != length)
        {
            hann = new double[length];
            for (var i = 0; i < length; i++)
            {
                hann[i] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length));
            }
        }

        return hann;
    }
}
