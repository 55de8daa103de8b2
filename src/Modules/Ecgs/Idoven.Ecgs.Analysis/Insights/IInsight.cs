namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>
/// Represents a named result of the analysis and all that other parts derive from it: the definitions, the form and the example of the
/// API, and what the command line tool prints. An insight is one class in one file and one line in the engine's catalog.
/// </summary>
public interface IInsight
{
    /// <summary>Gets the stable name: the name of the member in the insight document.</summary>
    string Name { get; }

    /// <summary>Gets the names of the definitions that the result follows, such as <c>zc-strict-1</c>. docs/insights.md has each.</summary>
    IReadOnlyList<string> Definitions { get; }

    /// <summary>Gets the type of the result: an immutable record, written to the document in camelCase.</summary>
    Type ResultType { get; }

    /// <summary>Gets a typical result, for the API documentation.</summary>
    object Example { get; }

    /// <summary>Gets the columns that the insight has in a table with one row for each lead.</summary>
    IReadOnlyList<InsightColumn> Columns => [];

    /// <summary>Describes a result in lines of text.</summary>
    /// <param name="result">A result of this insight.</param>
    /// <param name="others">The other results of the recording.</param>
    IEnumerable<InsightLine> Describe(object result, IInsightResults others);
}

/// <summary>Represents an insight with a result of a known type.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
public interface IInsight<TResult> : IInsight
    where TResult : class
{
    /// <inheritdoc cref="IInsight.Example"/>
    new TResult Example { get; }

    /// <inheritdoc/>
    Type IInsight.ResultType => typeof(TResult);

    /// <inheritdoc/>
    object IInsight.Example => Example;

    /// <inheritdoc cref="IInsight.Describe"/>
    IEnumerable<InsightLine> Describe(TResult result, IInsightResults others) => [];

    /// <inheritdoc/>
    IEnumerable<InsightLine> IInsight.Describe(object result, IInsightResults others) => Describe((TResult)result, others);
}

/// <summary>Represents a line of text about a result.</summary>
/// <param name="Subject">The first word or words, such as <c>heart rate</c>.</param>
/// <param name="Text">The rest of the line.</param>
/// <param name="IsConclusion">Whether the line comes after those of all other insights of the recording.</param>
public sealed record InsightLine(string Subject, string Text, bool IsConclusion = false);

/// <summary>Gives an insight access to other results of the same recording when it describes its own.</summary>
public interface IInsightResults
{
    /// <summary>Returns the results of one lead insight, for each lead that has one.</summary>
    /// <typeparam name="TResult">The type of its result.</typeparam>
    IEnumerable<(string Lead, TResult Result)> OfLeads<TResult>()
        where TResult : class;
}
