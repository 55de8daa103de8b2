using System.Net;

namespace Idoven.Shared.Audit;

/// <summary>A row of a module's <c>audit</c>. Ids begin with the time: they are in the order of the actions.</summary>
internal sealed class AuditRow
{
    public const string Success = "success";
    public const string Refused = "refused";

    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Action { get; init; }

    public required string Outcome { get; init; }

    public string? Reason { get; init; }

    /// <summary>
    /// Gets the actor: the id of a user, <c>client:</c> and the id of a machine client, <c>queue:</c> and the name of a queue, or
    /// <c>host</c>; null if the actor is unknown.
    /// </summary>
    public string? Subject { get; init; }

    public string? ClientId { get; init; }

    public string? Target { get; init; }

    public Guid? SessionId { get; init; }

    public IPAddress? Address { get; init; }

    public string? TraceId { get; init; }

    /// <summary>Gets the number of rejected requests that the row represents; otherwise 1.</summary>
    public int Count { get; init; } = 1;
}
