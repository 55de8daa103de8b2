using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>
/// Whether a pacemaker's spikes stand before the beats of a lead: at about the same distance before the main deflection, a deflection of a
/// few milliseconds that is steeper than the QRS complex itself (the property that detectors of pacing pulses rest on; Herleikson, 1997, US
/// patent 5,660,184). Unipolar pacing shows so; the small spikes of bipolar pacing mostly do not survive the bandwidth of a recording.
/// </summary>
internal static class PacingSpikes
{
    private const double LowestSamplingFrequency = 250;
    private const int FewestBeats = 5;
    private const int MostBeats = 200;
    private const double SpikeMs = 5.5;
    private const double EarliestMs = 250;
    private const double LatestMs = 24;
    private const double NearestMs = 50;
    private const double SameMs = 12;

    // Against what else is steep before the beat, and against the QRS complex. In the development recordings: 13 and 7 and more on the clearest
    // lead where there is unipolar pacing; elsewhere no spike is twice as steep as the QRS complex.
    private const double LeastRatio = 10;
    private const double LeastOfQrs = 2;
    private const double LeastShare = 0.6;

    /// <summary>False where it cannot be told.</summary>
    public static bool Precede(ReadOnlySpan<int> samples, IReadOnlyList<Beat> beats, double samplingFrequency)
    {
        if (samplingFrequency < LowestSamplingFrequency || beats.Count < FewestBeats)
        {
            return false;
        }

        int Samples(double ms) => (int)Math.Round(ms * samplingFrequency / 1000);
        var (reach, earliest, latest) = (Math.Max(1, Samples(SpikeMs)), Samples(EarliestMs), Samples(LatestMs));
        var (ratios, ofQrs, offsets) = (new List<double>(), new List<double>(), new List<double>());
        Span<double> before = stackalloc double[earliest - latest];

        // A few hundred beats, spread over the recording, say enough.
        var step = Math.Max(1, beats.Count / MostBeats);
        for (var i = 0; i < beats.Count; i += step)
        {
            var mark = (int)Math.Round(beats[i].Sample);
            if (mark - earliest - reach < 0 || mark + latest + reach >= samples.Length)
            {
                continue;
            }

            var best = 0;
            for (var k = 0; k < before.Length; k++)
            {
                before[k] = Steepness(samples, mark - earliest + k, reach);
                best = before[k] > before[best] ? k : best;
            }

            var qrs = 1.0;
            for (var k = -latest; k <= latest; k++)
            {
                qrs = Math.Max(qrs, Steepness(samples, mark + k, reach));
            }

            var spike = before[best];
            before.Sort();
            ratios.Add(spike / Math.Max(1, before[(int)(0.9 * before.Length)]));
            ofQrs.Add(spike / qrs);
            offsets.Add((earliest - best) * 1000 / samplingFrequency);
        }

        if (ratios.Count < FewestBeats)
        {
            return false;
        }

        var offset = Median(offsets);
        return Median(ratios) >= LeastRatio && Median(ofQrs) >= LeastOfQrs && offset >= NearestMs
            && offsets.Count(one => Math.Abs(one - offset) <= SameMs) >= LeastShare * offsets.Count;
    }

    /// <summary>How far a sample stands from the line between those a few milliseconds before and after.</summary>
    private static double Steepness(ReadOnlySpan<int> samples, int at, int reach) =>
        Math.Abs(samples[at] - (((double)samples[at - reach] + samples[at + reach]) / 2));

    private static double Median(List<double> values) => values.Order().ElementAt((values.Count - 1) / 2);
}
