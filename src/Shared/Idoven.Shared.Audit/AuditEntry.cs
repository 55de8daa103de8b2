namespace Idoven.Shared.Audit;

/// <summary>One act to be put on record: ids and codes, never names, secrets or anything that a caller wrote.</summary>
/// <param name="Action">What was done or tried; <c>docs/audit.md</c> lists them all.</param>
/// <param name="Target">The id of what it was done to.</param>
/// <param name="Reason">A code: why it was refused, or what more there is to say of it.</param>
public sealed record AuditEntry(string Action, string? Target = null, string? Reason = null)
{
    public bool IsRefused { get; private init; }

    /// <summary>Who acts, where the request's own token does not say so.</summary>
    public string? Subject { get; init; }

    /// <summary>The client acted through, where the request's own token does not say so.</summary>
    public string? ClientId { get; init; }

    /// <summary>The session acted in, where the request's own token does not say so.</summary>
    public Guid? SessionId { get; init; }

    public static AuditEntry Refused(string action, string reason, string? target = null) => new(action, target, reason) { IsRefused = true };
}
