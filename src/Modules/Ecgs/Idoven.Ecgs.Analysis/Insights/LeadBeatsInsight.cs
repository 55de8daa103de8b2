using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Computes the beats of one lead.</summary>
public sealed class LeadBeatsInsight : ILeadInsight<BeatSummary>
{
    /// <inheritdoc/>
    public string Name => "beats";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["beats-1", "scale-1"];

    /// <inheritdoc/>
    public BeatSummary Example { get; } = new(2273, QrsDetector.Name, new RrSummary(2272, 794.6, 796.9, 521.1, 1131.9));

    /// <inheritdoc/>
    public BeatSummary Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var analysis = lead.Analyze(ct) ?? throw InsightNotComputedException.NoBeats(lead.Recording);
        return BeatSummary.Compute(analysis.Beats, QrsDetector.Name, lead.Recording.SamplingFrequency, analysis.Gaps);
    }
}
