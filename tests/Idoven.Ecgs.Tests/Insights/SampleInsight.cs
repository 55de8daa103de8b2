using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Tests.Insights;

/// <summary>Represents the number of samples of a lead (definition sample-1).</summary>
/// <param name="SampleCount">Number of samples.</param>
public sealed record SampleResult(int SampleCount);

/// <summary>All that a developer writes for a new insight, besides its line in the catalog and its section in docs/insights.md.</summary>
internal sealed class SampleInsight : ILeadInsight<SampleResult>
{
    public string Name => "sample";

    public IReadOnlyList<string> Definitions { get; } = ["sample-1"];

    public SampleResult Example { get; } = new(42);

    public IReadOnlyList<InsightColumn> Columns { get; } = [InsightColumn.Integer<SampleResult>("counted", result => result.SampleCount)];

    public SampleResult Compute(LeadSignal lead, CancellationToken ct = default) => new(lead.Samples.Length);

    public IEnumerable<InsightLine> Describe(SampleResult result, IInsightResults others) =>
        [new InsightLine("sample", FormattableString.Invariant($"{result.SampleCount} samples"))];
}
