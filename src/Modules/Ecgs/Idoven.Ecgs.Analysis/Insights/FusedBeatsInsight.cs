using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Computes the beats of all leads together.</summary>
public sealed class FusedBeatsInsight : IRecordingInsight<BeatSummary>
{
    /// <inheritdoc/>
    public string Name => "beats";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["beats-1", "scale-1", "classes-1"];

    /// <inheritdoc/>
    public BeatSummary Example { get; } = new(2273, FusedQrsDetector.Name, new RrSummary(2272, 794.6, 796.9, 521.1, 1131.9));

    /// <inheritdoc/>
    public BeatSummary Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var beats = recording.FindBeats(ct) ?? throw InsightNotComputedException.NoBeats(recording.Recording);
        return BeatSummary.Compute(beats, FusedQrsDetector.Name, recording.Recording.SamplingFrequency, recording.Gaps);
    }

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(BeatSummary result, IInsightResults others)
    {
        var leads = others.OfLeads<BeatSummary>().Select(lead => FormattableString.Invariant($"{lead.Lead} {lead.Result.Count:N0}"));
        yield return new InsightLine(
            "beats", FormattableString.Invariant($"{result.Count:N0} of all leads together; {string.Join(", ", leads)}"));
    }
}
