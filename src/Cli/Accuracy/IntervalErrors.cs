using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Cli.Accuracy;

/// <summary>Represents the errors of heart rate and heart rate variability: engine minus reference.</summary>
/// <param name="MeanBpm">The error of the mean heart rate.</param>
/// <param name="Sdnn">SDNN of the reference, and the error (ms).</param>
/// <param name="Rmssd">RMSSD of the reference, and the error (ms).</param>
internal sealed record IntervalErrors(
    double MeanBpm,
    (double Reference, double Difference) Sdnn,
    (double Reference, double Difference) Rmssd)
{
    /// <summary>Compares the beats of a recording with the reference.</summary>
    /// <returns>The errors; null if the reference or the engine has too few normal beats.</returns>
    public static IntervalErrors? Of(WfdbAnnotations reference, RecordingBeats beats, double frequency)
    {
        var positions = reference.Beats.Select(beat => beat.Sample).ToList();
        var found = beats.Beats!.Select(beat => beat.Sample).ToList();

        // Normal-to-normal intervals: by the classes of the reference, and by the classes of the engine with its correction.
        var expected = HeartRateVariability.Of(RrIntervals.Normal(positions, [.. reference.Beats.Select(beat => beat.Class == BeatClass.N)], frequency));
        var measured = HeartRateVariability.Of(RrIntervals.Plausible(RrIntervals.Between(found, frequency, beats.Gaps, beats.Classes)));
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
