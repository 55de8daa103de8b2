using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Places the mark of a beat on its main deflection: the positive or negative extremum of the signal from 2.5 to 35 Hz within 80 ms of
/// the envelope's peak, at the lead's own sampling frequency, interpolated by a parabola through three samples. The filter has linear
/// phase, so there is no delay to correct.
/// </summary>
internal sealed class PeakRefiner
{
    private const double ReachMs = 80;

    private readonly BridgedSignal signal;
    private readonly FirFilter band;
    private readonly int decimation;
    private readonly int reach;
    private readonly float[] around;
    private readonly float[] values;

    public PeakRefiner(BridgedSignal signal, double samplingFrequency, int decimation, double rate)
    {
        this.signal = signal;
        this.decimation = decimation;
        band = FirFilter.BandPass(2.5, 35, 150, samplingFrequency);
        reach = (int)Math.Round(ReachMs * rate / 1000);

        // Rounded up to whole vectors, which is faster than the exact number.
        values = new float[((2 * (decimation + 1)) + 8) & ~7];
        around = new float[values.Length + (2 * band.Half)];
    }

    /// <summary>Returns the position of the candidate's main deflection, in samples of the lead.</summary>
    public double Refine(Candidate candidate)
    {
        var waveform = candidate.Waveform.Samples;
        var centre = candidate.Waveform.Centre;
        var peak = centre;
        for (var k = centre - reach; k <= centre + reach; k++)
        {
            peak = Math.Abs(waveform[k]) > Math.Abs(waveform[peak]) ? k : peak;
        }

        // The middle of the samples that were averaged, and as many samples on each side.
        var near = ((candidate.Index + peak - centre) * decimation) + (decimation / 2);
        signal.Read(near - (decimation + 1) - band.Half, around);
        band.Apply(around, values);
        var sign = Math.Sign(waveform[peak]);
        var highest = 1;
        for (var k = 2; k < (2 * decimation) + 2; k++)
        {
            highest = sign * values[k] > sign * values[highest] ? k : highest;
        }

        var (before, at, after) = (sign * values[highest - 1], sign * values[highest], sign * values[highest + 1]);
        var curvature = before - (2 * at) + after;
        var fraction = curvature < 0 ? Math.Clamp((before - after) / (2.0 * curvature), -1, 1) : 0;
        return Math.Clamp(near - (decimation + 1) + highest + fraction, 0, signal.Length - 1);
    }
}
