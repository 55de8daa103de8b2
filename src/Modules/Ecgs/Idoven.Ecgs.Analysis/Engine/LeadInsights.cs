using Idoven.Ecgs.Analysis.Leads;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>Represents the insights of one lead.</summary>
/// <param name="Name">The lead's name as sent.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Values">The result of each insight by its name, in the order of the catalog.</param>
/// <param name="NotComputed">The insights that could not be computed.</param>
public sealed record LeadInsights(
    string Name, int Samples, IReadOnlyDictionary<string, object> Values, IReadOnlyList<NotComputed> NotComputed)
{
    /// <summary>Gets whether an insight used up its time budget, so that another attempt may compute more.</summary>
    public bool HasOverrun { get; init; }

    /// <summary>Gets the measures of the lead, for the insights of all leads together.</summary>
    internal LeadAnalysis? Measures { get; init; }

    /// <summary>Returns the result of a type; null if it was not computed.</summary>
    public T? Get<T>()
        where T : class => Values.Values.OfType<T>().FirstOrDefault();
}
