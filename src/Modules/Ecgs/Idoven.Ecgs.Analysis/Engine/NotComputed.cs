namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>Represents an insight that is missing from the document, and the reason.</summary>
/// <param name="Insight">The name of the insight.</param>
/// <param name="Lead">The lead; null for an insight of the whole recording.</param>
/// <param name="Reason">The reason in words, or <c>error: &lt;kind&gt;</c>.</param>
public sealed record NotComputed(string Insight, string? Lead, string Reason);
