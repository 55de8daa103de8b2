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

    private readonly BridgedSignal signal;
    private readonly FirFilter qrsBand;
    private readonly FirFilter slowBand;
    private readonly FirFilter sharpBand;
    private readonly FirFilter shapeBand;
    private readonly FirFilter averaging;
    private readonly int peakDistance;
    private readonly int shapeHalf;

    public CandidateFinder(BridgedSignal signal, double samplingFrequency)
    {
        this.signal = signal;
        Decimation = Math.Max(1, (int)(samplingFrequency / LowestRate));
        Rate = samplingFrequency / Decimation;
        Count = signal.Length / Decimation;
        qrsBand = FirFilter.BandPass(10, 30, 80, Rate);
        sharpBand = FirFilter.BandPass(18, 40, 80, Rate);
        slowBand = FirFilter.BandPass(3, 10, 80, Rate);
        shapeBand = FirFilter.BandPass(2.5, 35, 150, Rate);
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

    /// <summary>The candidates from <paramref name="first"/> up to <paramref name="end"/>, in samples of the decimated signal.</summary>
    public List<Candidate> Find(int first, int end)
    {
        // Layers of margin: filters need neighbours, averages need filtered neighbours, peaks need averaged neighbours.
        var margin = peakDistance + averaging.Half + Math.Max(shapeBand.Half, qrsBand.Half) + shapeHalf;
        var start = first - margin;
        var x = Decimate(start, end - first + (2 * margin));
        var energy = Envelope(x, qrsBand);
        var slow = Envelope(x, slowBand);
        var shape = Filter(x, shapeBand);
        var sharp = Envelope(x, sharpBand);
        var found = new List<Candidate>();
        for (var i = margin; i < x.Length - margin; i++)
        {
            if (IsPeak(energy, i))
            {
                found.Add(Describe(i, start, energy, slow, shape, sharp));
            }
        }

        return found;
    }

    private Candidate Describe(int i, int start, float[] energy, float[] slow, float[] shape, float[] sharp)
    {
        var around = new float[(2 * shapeHalf) + 1];
        float low = float.MaxValue, high = float.MinValue;
        for (var k = 0; k < around.Length; k++)
        {
            var value = shape[i - shapeHalf + k];
            around[k] = value;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return new Candidate
        {
            Index = start + i,
            Energy = Math.Log(energy[i]),
            Sharp = Log(sharp[i]),
            Slow = Log(slow[i]),
            Amplitude = Log(high - low),
            Shape = new Shape(around, Lag),
        };
    }

    /// <summary>The highest of its neighbourhood; of equals the first.</summary>
    private bool IsPeak(float[] energy, int i)
    {
        var peak = energy[i];
        if (peak < Resolution || energy[i - 1] >= peak || energy[i + 1] > peak)
        {
            return false;
        }

        for (var k = 2; k <= peakDistance; k++)
        {
            if (energy[i - k] >= peak || energy[i + k] > peak)
            {
                return false;
            }
        }

        return true;
    }

    private float[] Envelope(float[] x, FirFilter band)
    {
        var rectified = Filter(x, band);
        for (var i = 0; i < rectified.Length; i++)
        {
            rectified[i] = Math.Abs(rectified[i]);
        }

        return Filter(rectified, averaging);
    }

    private static float[] Filter(float[] x, FirFilter band)
    {
        var filtered = new float[x.Length];
        band.Apply(x, filtered.AsSpan(band.Half, x.Length - (2 * band.Half)));
        return filtered;
    }

    private float[] Decimate(int start, int count)
    {
        var samples = new float[count * Decimation];
        signal.Read(start * Decimation, samples);
        if (Decimation == 1)
        {
            return samples;
        }

        var means = new float[count];
        for (var i = 0; i < count; i++)
        {
            var sum = 0f;
            for (var k = 0; k < Decimation; k++)
            {
                sum += samples[(i * Decimation) + k];
            }

            means[i] = sum / Decimation;
        }

        return means;
    }

    private static double Log(double size) => Math.Log(Math.Max(size, double.Epsilon));

    private int Round(double ms) => (int)Math.Round(ms * Rate / 1000);
}
