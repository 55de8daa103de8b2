using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Puts the mark of a beat on its main deflection: the extremum, up or down, of the signal between 2.5 and 35 Hz within 80 ms of the
/// envelope's peak, at the lead's own sampling frequency, and between samples by a parabola through the three around it. The filter
/// has linear phase, so there is no delay to make good.
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
        // As many as fill vectors: quicker than the few that are needed.
        values = new float[((2 * (decimation + 1)) + 8) & ~7];
        around = new float[values.Length + (2 * band.Half)];
    }

    /// <summary>The position of the candidate's main deflection, in samples of the lead.</summary>
    public double Refine(Candidate candidate)
    {
        var shape = candidate.Shape.Samples;
        var centre = candidate.Shape.Centre;
        var peak = centre;
        for (var k = centre - reach; k <= centre + reach; k++)
        {
            peak = Math.Abs(shape[k]) > Math.Abs(shape[peak]) ? k : peak;
        }

        // The middle of the samples that were averaged, and as many on each side.
        var near = ((candidate.Index + peak - centre) * decimation) + (decimation / 2);
        signal.Read(near - (decimation + 1) - band.Half, around);
        band.Apply(around, values);
        var sign = Math.Sign(shape[peak]);
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
