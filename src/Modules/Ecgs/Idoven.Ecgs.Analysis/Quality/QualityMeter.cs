using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>Measures a lead window by window, from what the detector has at hand.</summary>
internal sealed class QualityMeter
{
    /// <summary>Length of a window.</summary>
    public const double WindowS = 10;

    private const int SaturatedRow = 3;
    private const double LineWindowS = 2;

    private readonly ReadOnlyMemory<int> samples;
    private readonly BridgedSignal signal;
    private readonly double samplingFrequency;
    private readonly double rate;
    private readonly int decimation;
    private readonly int window;
    private readonly (int Lowest, int Highest) range;
    private readonly List<WindowMeasures> measured = [];

    public QualityMeter(ReadOnlyMemory<int> samples, BridgedSignal signal, double samplingFrequency, double rate, int decimation)
    {
        (this.samples, this.signal, this.samplingFrequency, this.rate, this.decimation) = (samples, signal, samplingFrequency, rate, decimation);
        window = (int)(WindowS * rate);
        range = Range(samples.Span);
    }

    /// <summary>The windows so far, in order of time.</summary>
    public IReadOnlyList<WindowMeasures> Measured => measured;

    /// <summary>Measures the windows that begin in a stretch.</summary>
    /// <param name="start">The stretch's first sample of the decimated signal: a whole number of windows.</param>
    /// <param name="end">Its end.</param>
    /// <param name="finder">Holds the filtered stretch.</param>
    /// <param name="candidates">All candidates in and around it.</param>
    /// <param name="likeness">For each candidate that is a beat, how like the others of its form it is.</param>
    public void Measure(int start, int end, CandidateFinder finder, Candidate[] candidates, float[] likeness)
    {
        var next = 0;
        for (var first = start; first < end; first += window)
        {
            var last = Math.Min(end, first + window);
            while (next < candidates.Length && candidates[next].Index < first)
            {
                next++;
            }

            var from = next;
            while (next < candidates.Length && candidates[next].Index < last)
            {
                next++;
            }

            // What remains at the end of the recording belongs to the window before, unless it is the only one.
            if (last - first < window / 2 && measured.Count > 0)
            {
                return;
            }

            measured.Add(Measure(first, last, finder, candidates.AsSpan(from, next - from), likeness.AsSpan(from, next - from)));
        }
    }

    private WindowMeasures Measure(int first, int last, CandidateFinder finder, ReadOnlySpan<Candidate> candidates, ReadOnlySpan<float> likeness)
    {
        var (beats, guessed, both, alike) = (0, 0, 0, 0f);
        Span<double> heights = stackalloc double[64];
        for (var i = 0; i < candidates.Length; i++)
        {
            beats += candidates[i].IsBeat ? 1 : 0;
            guessed += candidates[i].IsGuessed ? 1 : 0;
            both += candidates[i].IsBeat && candidates[i].IsGuessed ? 1 : 0;
            if (candidates[i].IsBeat)
            {
                alike += likeness[i];
                heights[beats % heights.Length] = candidates[i].Amplitude;
            }
        }

        var shape = finder.Shape(first, last);
        double squares = 0, fourths = 0;
        foreach (var sample in shape)
        {
            var square = (double)sample * sample;
            squares += square;
            fourths += square * square;
        }

        var height = beats > 0 ? Math.Exp(Ranks.LowerMedian(heights[..Math.Min(beats, heights.Length)])) : 6 * Math.Sqrt(squares / shape.Length);
        var x = finder.Signal(first, last);
        var raw = samples.Span[(first * decimation)..Math.Min(samples.Length, last * decimation)];
        var (lineHz, line) = PowerLine(raw);
        return new WindowMeasures(
            Flat(first * decimation, last * decimation), Saturated(raw), beats, beats + guessed == 0 ? 0 : 2f * both / (beats + guessed), beats == 0 ? 0 : alike / beats,
            squares > 0 ? (float)(fourths * shape.Length / (squares * squares)) : 0, (float)(Noise(x) / height), (float)(Wander(x) / height), lineHz, (float)(line / height));
    }

    private float Flat(int first, int end)
    {
        var flat = 0;
        foreach (var run in signal.Runs)
        {
            flat += Math.Max(0, Math.Min(run.Last + 1, end) - Math.Max(run.First, first));
        }

        return (float)flat / (end - first);
    }

    private float Saturated(ReadOnlySpan<int> raw)
    {
        var (saturated, row) = (0, 0);
        for (var i = 0; i < raw.Length; i++)
        {
            row = (raw[i] == range.Lowest || raw[i] == range.Highest) && (row == 0 || raw[i] == raw[i - 1]) ? row + 1 : 0;
            saturated += row == SaturatedRow ? SaturatedRow : row > SaturatedRow ? 1 : 0;
        }

        return (float)saturated / raw.Length;
    }

    /// <summary>Mean distance of a sample from the line through its neighbours.</summary>
    private static double Noise(ReadOnlySpan<float> x)
    {
        var sum = 0.0;
        for (var i = 1; i < x.Length - 1; i++)
        {
            sum += Math.Abs(x[i] - ((x[i - 1] + x[i + 1]) / 2));
        }

        return sum / Math.Max(1, x.Length - 2);
    }

    /// <summary>Standard deviation of the means of whole seconds.</summary>
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

    /// <summary>The stronger of 50 and 60 Hz, measured in the middle of the window, where it stands out from its neighbourhood.</summary>
    private (float Hz, double Amplitude) PowerLine(ReadOnlySpan<int> raw)
    {
        var length = Math.Min(raw.Length, (int)(LineWindowS * samplingFrequency));
        var part = raw.Slice((raw.Length - length) / 2, length);
        var best = (Hz: 0f, Amplitude: 0.0);
        foreach (var hz in (ReadOnlySpan<float>)[50, 60])
        {
            if (hz + 5 > samplingFrequency / 2)
            {
                continue;
            }

            var amplitude = Math.Max(Amplitude(part, hz), Math.Max(Amplitude(part, hz - 0.3), Amplitude(part, hz + 0.3)));
            var around = (Amplitude(part, hz - 4) + Amplitude(part, hz + 4) + Amplitude(part, hz - 2.5) + Amplitude(part, hz + 2.5)) / 4;
            if (amplitude > 4 * around && amplitude > best.Amplitude)
            {
                best = (hz, amplitude);
            }
        }

        return best;
    }

    /// <summary>Goertzel's algorithm under a Hann window: the amplitude of a sine of that frequency.</summary>
    private double Amplitude(ReadOnlySpan<int> part, double hz)
    {
        var angle = 2 * Math.PI * hz / samplingFrequency;
        var (factor, before, last) = (2 * Math.Cos(angle), 0.0, 0.0);
        var step = 2 * Math.PI / part.Length;
        var (cosine, sine, turnCosine, turnSine) = (1.0, 0.0, Math.Cos(step), Math.Sin(step));
        for (var i = 0; i < part.Length; i++)
        {
            var now = ((part[i] - (double)part[0]) * (0.5 - (0.5 * cosine))) + (factor * last) - before;
            (before, last) = (last, now);
            (cosine, sine) = ((cosine * turnCosine) - (sine * turnSine), (sine * turnCosine) + (cosine * turnSine));
        }

        return Math.Sqrt(Math.Max(0, (last * last) + (before * before) - (factor * last * before))) * 4 / part.Length;
    }

    private static (int Lowest, int Highest) Range(ReadOnlySpan<int> samples)
    {
        var (lowest, highest) = (int.MaxValue, int.MinValue);
        foreach (var sample in samples)
        {
            lowest = Math.Min(lowest, sample);
            highest = Math.Max(highest, sample);
        }

        return (lowest, highest);
    }
}
