using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>
/// Detects pacing spikes before the beats of a lead: a deflection of a few milliseconds at about the same distance before the main
/// deflection that is steeper than the QRS complex itself (the property that detectors of pacing pulses use; Herleikson, 1997, US patent
/// 5,660,184). This finds unipolar pacing. The small spikes of bipolar pacing mostly exceed the bandwidth of a recording.
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

    // Ratios to the other steep samples before the beat, and to the QRS complex. With unipolar pacing the development recordings have
    // 13 and 7 or more on the best lead; without it, no spike is twice as steep as the QRS complex.
    private const double LeastRatio = 10;
    private const double LeastOfQrs = 2;
    private const double LeastShare = 0.6;

    /// <summary>Returns whether pacing spikes precede most beats; false if that cannot be determined.</summary>
    /// <param name="samples">The lead, in any unit.</param>
    /// <param name="beats">Its beats, in order of time.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
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

        // A few hundred beats spread over the recording are enough.
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

    /// <summary>Returns the distance of a sample from the line between the samples a few milliseconds before and after.</summary>
    private static double Steepness(ReadOnlySpan<int> samples, int at, int reach) =>
        Math.Abs(samples[at] - (((double)samples[at - reach] + samples[at + reach]) / 2));

    private static double Median(List<double> values) => values.Order().ElementAt((values.Count - 1) / 2);
}
