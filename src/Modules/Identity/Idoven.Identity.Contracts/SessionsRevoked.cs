namespace Idoven.Identity.Contracts;

/// <summary>Tokens that are still alive are refused from now: those of one session or one consent, or all older ones of a subject.</summary>
/// <param name="Subject">A user's id, or <c>client:&lt;id&gt;</c>.</param>
/// <param name="SessionId">The session or consent whose tokens (<c>sid</c>, <c>consent</c>) are refused; null where only the generation counts.</param>
/// <param name="Generation">Every token of the subject with a lower <c>gen</c> is refused.</param>
public sealed record SessionsRevoked(string Subject, string? SessionId, int Generation);
