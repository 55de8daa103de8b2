namespace Idoven.Shared.Audit;

/// <summary>One entry for the audit log: ids and codes, never names, secrets or texts of a caller.</summary>
/// <param name="Action">The action that was done or tried; <c>docs/audit.md</c> lists all.</param>
/// <param name="Target">The id of the object of the action.</param>
/// <param name="Reason">A code: the reason of the rejection, or details of the action.</param>
public sealed record AuditEntry(string Action, string? Target = null, string? Reason = null)
{
    public bool IsRefused { get; private init; }

    /// <summary>Gets the actor, if the token of the request does not name it.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the client, if the token of the request does not name it.</summary>
    public string? ClientId { get; init; }

    /// <summary>Gets the session, if the token of the request does not name it.</summary>
    public Guid? SessionId { get; init; }

    public static AuditEntry Refused(string action, string reason, string? target = null) =>
        new(action, target, reason) { IsRefused = true };
}
