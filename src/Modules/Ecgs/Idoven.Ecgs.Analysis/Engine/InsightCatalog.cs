using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>Represents the insights that are computed, in the order of the document. A new insight is one line here.</summary>
/// <param name="LeadInsights">Computed from one lead.</param>
/// <param name="RecordingInsights">Computed from all leads together.</param>
public sealed record InsightCatalog(IReadOnlyList<ILeadInsight> LeadInsights, IReadOnlyList<IRecordingInsight> RecordingInsights)
{
    /// <summary>Gets all insights of this engine.</summary>
    public static InsightCatalog Default { get; } = new(
        [
            new ZeroCrossingsInsight(),
            new SampleStatisticsInsight(),
            new LeadBeatsInsight(),
            new QualityInsight(),
        ],
        [
            new FusedBeatsInsight(),
            new RhythmInsight(),
            new EctopyInsight(),
            new AtrialFibrillationInsight(),
            new HrvInsight(),
        ]);

    /// <summary>Gets the names of the definitions in force, each once. docs/insights.md has each.</summary>
    public IReadOnlyList<string> Definitions =>
        [.. LeadInsights.Concat<IInsight>(RecordingInsights).SelectMany(insight => insight.Definitions).Distinct()];
}
