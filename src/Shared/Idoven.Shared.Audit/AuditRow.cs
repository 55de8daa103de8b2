using System.Net;

namespace Idoven.Shared.Audit;

/// <summary>A row of a module's <c>audit</c>. Ids begin with the time: their order is that of the acts.</summary>
internal sealed class AuditRow
{
    public const string Success = "success";
    public const string Refused = "refused";

    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Action { get; init; }

    public required string Outcome { get; init; }

    public string? Reason { get; init; }

    /// <summary>Who acted: a user's id, <c>client:</c> and a machine client's, <c>queue:</c> and a queue's name, or <c>host</c>; null where nobody knows.</summary>
    public string? Subject { get; init; }

    public string? ClientId { get; init; }

    public string? Target { get; init; }

    public Guid? SessionId { get; init; }

    public IPAddress? Address { get; init; }

    public string? TraceId { get; init; }

    /// <summary>How many refused requests the row stands for; 1 for all else.</summary>
    public int Count { get; init; } = 1;
}
