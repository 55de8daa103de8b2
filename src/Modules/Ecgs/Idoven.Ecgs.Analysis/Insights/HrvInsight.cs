using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents the heart rate variability of the recording (definition hrv-tf96-1).</summary>
/// <param name="Time">The values in the time domain.</param>
/// <param name="RejectedPercent">Percentage of RR intervals that are not NN intervals (definition nn-rr30-1).</param>
public sealed record HrvSummary(HeartRateVariability Time, double RejectedPercent);

/// <summary>Computes heart rate variability if the recording is long and clean enough.</summary>
public sealed class HrvInsight : IRecordingInsight<HrvSummary>
{
    private const double ShortestMs = 60_000;
    private const double MostRejectedPercent = 20;

    /// <inheritdoc/>
    public string Name => "hrv";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["nn-rr30-1", "hrv-tf96-1"];

    /// <inheritdoc/>
    public HrvSummary Example { get; } = new(
        new HeartRateVariability(
            2206, 795.0, 796.9, SdnnMs: 36.1, RmssdMs: 28.2, SdsdMs: 28.2, Nn50: 131, Pnn50Percent: 6.0, Nn20: 1038, Pnn20Percent: 47.8,
            TriangularIndex: 11.1, SdannMs: 16.5, SdnnIndexMs: 31.9, Sd1Ms: 19.9, Sd2Ms: 47.1),
        RejectedPercent: 2.9);

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(HrvSummary result, IInsightResults others)
    {
        var time = result.Time;
        yield return new InsightLine("variability", FormattableString.Invariant(
            $"SDNN {time.SdnnMs:F1} ms, RMSSD {time.RmssdMs:F1} ms, pNN50 {time.Pnn50Percent:F1} %, from {time.NnCount:N0} intervals"));
    }

    /// <inheritdoc/>
    public HrvSummary Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var frequency = InsightNotComputedException.RequireSamplingFrequency(recording.Recording);
        var beats = recording.FindBeats(ct) ?? throw InsightNotComputedException.NoBeats(recording.Recording);
        IReadOnlyList<RrInterval> intervals = [.. RrIntervals.Each(beats, frequency, recording.Gaps, recording.FindClasses(ct))];
        var normal = RrIntervals.Plausible(intervals);
        if (normal.Sum(interval => interval.Ms) < ShortestMs)
        {
            throw new InsightNotComputedException("There is less than a minute of normal-to-normal intervals.");
        }

        var rejected = 100.0 * (intervals.Count - normal.Count) / intervals.Count;
        if (rejected > MostRejectedPercent)
        {
            throw new InsightNotComputedException(
                FormattableString.Invariant($"{rejected:F0} % of the RR intervals are no normal-to-normal intervals."));
        }

        var time = HeartRateVariability.Compute(normal)
            ?? throw new InsightNotComputedException("There are fewer than two differences of successive intervals.");
        return new HrvSummary(time, rejected);
    }
}
