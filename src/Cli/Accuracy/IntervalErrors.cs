using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Cli.Accuracy;

/// <summary>Heart rate and variability: what the engine's beats give, less what the reference's give.</summary>
/// <param name="MeanBpm">Mean heart rate.</param>
/// <param name="Sdnn">Of the reference, and the difference (ms).</param>
/// <param name="Rmssd">The same.</param>
internal sealed record IntervalErrors(double MeanBpm, (double Reference, double Difference) Sdnn, (double Reference, double Difference) Rmssd)
{
    /// <returns>Null where the reference has too few normal beats.</returns>
    public static IntervalErrors? Of(WfdbAnnotations reference, RecordingBeats beats, double frequency)
    {
        var positions = reference.Beats.Select(beat => beat.Sample).ToList();
        var found = beats.Beats!.Select(beat => beat.Sample).ToList();

        // Normal-to-normal by the reference's own classes; by the engine's, with its correction.
        var expected = HeartRateVariability.Compute(RrIntervals.Normal(positions, [.. reference.Beats.Select(beat => beat.Class == BeatClass.N)], frequency));
        var measured = HeartRateVariability.Compute(RrIntervals.Plausible(RrIntervals.Between(found, frequency, beats.Gaps, beats.Classes)));
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
