namespace Idoven.Shared.Web.Describe;

/// <summary>The body of every error response (RFC 9457).</summary>
/// <param name="Type">
/// The kind of problem: the address of a page that explains it. Programs decide by this member, not by the texts.
/// </param>
/// <param name="Title">The kind of problem in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">The description of this occurrence.</param>
/// <param name="TraceId">The id of the request in the logs, for questions to the operator.</param>
/// <param name="Errors">The errors in the body, each with its place.</param>
[OmitsNull]
public sealed record ProblemBody(
    string Type, string Title, int Status, string? Detail, string TraceId, IReadOnlyList<ProblemError>? Errors);
