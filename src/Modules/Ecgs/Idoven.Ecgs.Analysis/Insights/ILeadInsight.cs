namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents an insight that is computed from one lead: a member of <c>leads[]</c> in the insight document.</summary>
public interface ILeadInsight : IInsight
{
    /// <summary>Computes the result.</summary>
    /// <param name="lead">The lead.</param>
    /// <param name="ct">Cancelled when the time budget is used up; check it in long loops.</param>
    /// <exception cref="InsightNotComputedException">
    /// The insight has no meaning for this lead. The reason goes into the document.
    /// </exception>
    object Compute(LeadSignal lead, CancellationToken ct = default);
}

/// <summary>Represents a lead insight with a result of a known type.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
public interface ILeadInsight<TResult> : ILeadInsight, IInsight<TResult>
    where TResult : class
{
    /// <inheritdoc cref="ILeadInsight.Compute"/>
    new TResult Compute(LeadSignal lead, CancellationToken ct = default);

    /// <inheritdoc/>
    object ILeadInsight.Compute(LeadSignal lead, CancellationToken ct) => Compute(lead, ct);
}
