namespace Idoven.Identity.Contracts;

/// <summary>Access tokens were revoked: those of one session or one consent, or all of earlier generations of a subject.</summary>
/// <param name="Subject">A user's id, or <c>client:&lt;id&gt;</c>.</param>
/// <param name="SessionId">
/// The session or consent whose tokens (<c>sid</c>, <c>consent</c>) are revoked; null if tokens are revoked by generation only.
/// </param>
/// <param name="Generation">Every token of the subject with a lower <c>gen</c> is revoked.</param>
public sealed record SessionsRevoked(string Subject, string? SessionId, int Generation);
