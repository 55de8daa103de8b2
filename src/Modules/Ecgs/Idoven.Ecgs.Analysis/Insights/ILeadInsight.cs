namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>A named result computed from one lead. To add one: a class here, and a line in <c>AnalysisEngine.Insights</c>.</summary>
public interface ILeadInsight
{
    /// <summary>Its stable name: the member under <c>leads[]</c> in the insight document.</summary>
    string Name { get; }

    /// <summary>Computes it.</summary>
    /// <param name="lead">The lead.</param>
    /// <param name="ct">Cancelled when its time is over: a long loop looks at it.</param>
    /// <returns>An immutable record; it is written to the document as it is, in camelCase.</returns>
    /// <exception cref="InsightNotComputedException">It has no meaning for this lead; the reason goes into the document.</exception>
    object Compute(LeadSignal lead, CancellationToken ct = default);
}

/// <summary>An insight has no meaning for a lead; the message says why, in words for the reader of the document.</summary>
public sealed class InsightNotComputedException(string reason) : Exception(reason);
