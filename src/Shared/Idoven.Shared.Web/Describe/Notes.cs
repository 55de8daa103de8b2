namespace Idoven.Shared.Web.Describe;

/// <summary>
/// Describes the body of a request. The framework's own metadata is not used: it makes the framework return 415 before it checks the token.
/// </summary>
/// <param name="Type">The type of the body.</param>
/// <param name="Example">An example in JSON.</param>
public sealed record BodyNote(Type Type, string Example);

/// <summary>Describes a successful response.</summary>
/// <param name="Description">The meaning of the status.</param>
/// <param name="Example">An example of the body, in JSON or text of another type; null if there is no body.</param>
/// <param name="Headers">The headers beside those of every response.</param>
public sealed record ResponseNote(int Status, string Description, string? Example, IReadOnlyList<string> Headers);

/// <summary>
/// Describes an error response that is specific to an operation. Those that follow from its policy, body and parameters are added
/// automatically.
/// </summary>
/// <param name="When">The condition.</param>
/// <param name="Problem">The problem type; null for the usual one of the status.</param>
public sealed record RejectionNote(int Status, string When, ProblemType? Problem);

/// <summary>Describes a parameter of the path or the query, or a header.</summary>
/// <param name="Example">An example in JSON.</param>
/// <param name="Values">The permitted values; null if all are permitted.</param>
/// <param name="IsHeader">Whether it is a header; otherwise it is the parameter of the handler with this name.</param>
/// <param name="IsRequired">Whether it is required. A parameter of the path always is.</param>
public sealed record ParameterNote(
    string Name, string Description, string Example, int? Minimum = null, int? Maximum = null, string[]? Values = null,
    bool IsHeader = false,
    bool IsRequired = false);

/// <summary>In this type, and in the types of its members, a member without a value is absent instead of null.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OmitsNullAttribute : Attribute;
