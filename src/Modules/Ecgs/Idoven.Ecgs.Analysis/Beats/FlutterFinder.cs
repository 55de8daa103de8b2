using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds ventricular flutter and coarse fibrillation, which have no QRS complexes: windows of 4 s in which a lead oscillates like a sine
/// at 150 to 340 per minute. It measures the leakage of a filter that cancels a sine (Kuo and Dillman, 1978: Computer detection of
/// ventricular fibrillation). Deviation: the crest factor must be low too, which excludes QRS complexes on top of noise.
/// </summary>
internal sealed class FlutterFinder(double rate)
{
    private const double WindowS = 4;
    private const double StepS = 1;
    private const double MostLeakage = 0.5;
    private const double MostCrest = 3.5;
    private const double ShortestHalfPeriodMs = 89;
    private const double LongestHalfPeriodMs = 200;

    private readonly int window = (int)(WindowS * rate);
    private readonly int step = (int)(StepS * rate);

    /// <summary>Finds the windows with flutter. A window starts at every whole second from the start of the recording.</summary>
    /// <param name="filtered">A stretch of the decimated signal from 2 to 20 Hz.</param>
    /// <param name="origin">Its first sample, counted from the start of the recording.</param>
    /// <returns>First and last sample of each window, in samples of the decimated signal.</returns>
    public IReadOnlyList<(int First, int Last)> Find(ReadOnlySpan<float> filtered, int origin)
    {
        var found = new List<(int, int)>();
        for (var first = Math.Max(0, (origin + step - 1) / step * step); first + window <= origin + filtered.Length; first += step)
        {
            if (IsFlutter(filtered.Slice(first - origin, window)))
            {
                found.Add((first, first + window - 1));
            }
        }

        return found;
    }

    private bool IsFlutter(ReadOnlySpan<float> samples)
    {
        var (sum, changes, peak) = Sizes(samples);

        // Half the period of a sine with this ratio, in samples.
        var half = changes > 0 ? (int)Math.Round(Math.PI * sum / changes) : 0;
        var isOutside = half < ShortestHalfPeriodMs * rate / 1000 || half > LongestHalfPeriodMs * rate / 1000;
        if (isOutside || peak >= MostCrest * sum / samples.Length)
        {
            return false;
        }

        double leakage = 0, whole = 0;
        for (var i = half; i < samples.Length; i++)
        {
            leakage += Math.Abs(samples[i] + samples[i - half]);
            whole += Math.Abs(samples[i]) + Math.Abs(samples[i - half]);
        }

        return leakage < MostLeakage * whole;
    }

    /// <summary>
    /// Returns the sum of absolute samples, the sum of absolute differences, and the largest absolute sample. The first sample only
    /// serves for the difference to the second.
    /// </summary>
    private static (double Sum, double Changes, float Peak) Sizes(ReadOnlySpan<float> samples)
    {
        // Lanes are added in the same order on every CPU.
        var (sums, changes, peaks) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 1;
        for (; i <= samples.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var here = Vector256.Create(samples[i..]);
            var size = Vector256.Abs(here);
            sums += size;
            changes += Vector256.Abs(here - Vector256.Create(samples[(i - 1)..]));
            peaks = Vector256.Max(peaks, size);
        }

        double sum = 0, change = 0;
        var peak = 0f;
        for (var k = 0; k < Vector256<float>.Count; k++)
        {
            sum += sums[k];
            change += changes[k];
            peak = Math.Max(peak, peaks[k]);
        }

        for (; i < samples.Length; i++)
        {
            sum += Math.Abs(samples[i]);
            change += Math.Abs(samples[i] - samples[i - 1]);
            peak = Math.Max(peak, Math.Abs(samples[i]));
        }

        return (sum, change, peak);
    }
}
