namespace Idoven.Shared.Web.Describe;

/// <summary>What an operation reads. Metadata of our own: the framework's would answer 415 before anybody was asked for a token.</summary>
/// <param name="Type">The body's form.</param>
/// <param name="Example">JSON of that form.</param>
public sealed record BodyNote(Type Type, string Example);

/// <summary>A good answer.</summary>
/// <param name="Description">What it means.</param>
/// <param name="Example">A body, where there is one: JSON, or text of another type.</param>
/// <param name="Headers">What it brings beside the headers of every answer.</param>
public sealed record ResponseNote(int Status, string Description, string? Example, IReadOnlyList<string> Headers);

/// <summary>A refusal that is this operation's own; those that follow from its policy, body and parameters are added to every operation.</summary>
/// <param name="When">When it is given.</param>
/// <param name="Problem">The problem type; null for the usual one of the status.</param>
public sealed record RejectionNote(int Status, string When, ProblemType? Problem);

/// <summary>A parameter of the path or the query, or a header that is read.</summary>
/// <param name="Example">JSON.</param>
/// <param name="Values">The only values there are.</param>
/// <param name="IsHeader">Otherwise the handler's own parameter of that name is meant.</param>
/// <param name="IsRequired">A parameter of the path is anyway.</param>
public sealed record ParameterNote(
    string Name, string Description, string Example, int? Minimum = null, int? Maximum = null, string[]? Values = null, bool IsHeader = false,
    bool IsRequired = false);

/// <summary>In this form, and in every form within it, a member without a value is absent instead of null.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OmitsNullAttribute : Attribute;
