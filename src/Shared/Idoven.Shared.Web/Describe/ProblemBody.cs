namespace Idoven.Shared.Web.Describe;

/// <summary>Every refusal has this form (RFC 9457).</summary>
/// <param name="Type">The kind of refusal: the address of a page that explains it. Decide by this, never by the texts.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The status again.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="TraceId">Name it when you ask us: the request is found under it.</param>
/// <param name="Errors">What is wrong with the body, each with its place.</param>
[OmitsNull]
public sealed record ProblemBody(string Type, string Title, int Status, string? Detail, string TraceId, IReadOnlyList<ProblemError>? Errors);
