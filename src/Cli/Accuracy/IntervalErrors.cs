using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Cli.Accuracy;

/// <summary>Represents the differences in heart rate and variability between the engine's beats and the reference's beats.</summary>
/// <param name="MeanBpm">The difference of the mean heart rates.</param>
/// <param name="Sdnn">The SDNN of the reference and the difference, in milliseconds.</param>
/// <param name="Rmssd">The RMSSD of the reference and the difference, in milliseconds.</param>
internal sealed record IntervalErrors(
    double MeanBpm, (double Reference, double Difference) Sdnn, (double Reference, double Difference) Rmssd)
{
    /// <summary>Compares the beats of one record.</summary>
    /// <returns>The differences; null if the reference has too few normal beats.</returns>
    public static IntervalErrors? Compare(WfdbAnnotations reference, RecordingBeats beats, double frequency)
    {
        var positions = reference.Beats.Select(beat => beat.Sample).ToList();
        var normal = reference.Beats.Select(beat => beat.Class == BeatClass.N).ToList();
        var found = beats.Beats!.Select(beat => beat.Sample).ToList();

        // The reference's NN intervals follow from its own classes; the engine's from its classes and its correction.
        var expected = HeartRateVariability.Compute(RrIntervals.Normal(positions, normal, frequency));
        var measured = HeartRateVariability.Compute(
            RrIntervals.Plausible(RrIntervals.Between(found, frequency, beats.Gaps, beats.Classes)));
        if (expected is null || measured is null)
        {
            return null;
        }

        return new IntervalErrors(
            Rate(found, frequency) - Rate(positions, frequency),
            (expected.SdnnMs, measured.SdnnMs - expected.SdnnMs), (expected.RmssdMs, measured.RmssdMs - expected.RmssdMs));
    }

    private static double Rate(List<double> beats, double frequency) => 60 * (beats.Count - 1) * frequency / (beats[^1] - beats[0]);
}
