using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Heart rate variability of the recording (definition hrv-tf96-1).</summary>
/// <param name="Time">In the time domain.</param>
/// <param name="RejectedPercent">Share of the RR intervals that are no NN intervals (definition nn-rr30-1).</param>
public sealed record HrvSummary(HeartRateVariability Time, double RejectedPercent);

/// <summary>Heart rate variability, where the recording is long and clean enough for it to mean something.</summary>
public sealed class HrvInsight : IRecordingInsight
{
    private const double ShortestMs = 60_000;
    private const double MostRejectedPercent = 20;

    /// <inheritdoc/>
    public string Name => "hrv";

    /// <inheritdoc/>
    public object Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var frequency = LeadBeatsInsight.Frequency(recording.Recording);
        var beats = recording.FindBeats(ct) ?? throw LeadBeatsInsight.NoBeats(recording.Recording);
        IReadOnlyList<RrInterval> intervals = [.. RrIntervals.Each(beats, frequency, recording.Gaps, recording.FindClasses(ct))];
        var normal = RrIntervals.Plausible(intervals);
        if (normal.Sum(interval => interval.Ms) < ShortestMs)
        {
            throw new InsightNotComputedException("There is less than a minute of normal-to-normal intervals.");
        }

        var rejected = 100.0 * (intervals.Count - normal.Count) / intervals.Count;
        if (rejected > MostRejectedPercent)
        {
            throw new InsightNotComputedException(FormattableString.Invariant($"{rejected:F0} % of the RR intervals are no normal-to-normal intervals."));
        }

        return new HrvSummary(
            HeartRateVariability.Compute(normal) ?? throw new InsightNotComputedException("There are fewer than two differences of successive intervals."), rejected);
    }
}
