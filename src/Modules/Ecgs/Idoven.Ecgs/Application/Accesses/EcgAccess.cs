using System.Net;

namespace Idoven.Ecgs.Application.Accesses;

/// <summary>
/// Represents a row of <c>accesses</c>: a caller accessed an ECG, or tried to, <see cref="Count"/> times within
/// <see cref="AccessLog.Window"/>. Ids begin with the time, so they have the order of the accesses.
/// </summary>
internal sealed class EcgAccess
{
    public required Guid Id { get; init; }

    /// <summary>Gets the time of the first access that the row counts.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets one of <see cref="AccessActions"/>, or an audit action of operators.</summary>
    public required string Action { get; init; }

    /// <summary>Gets one of <see cref="AccessOutcomes"/>.</summary>
    public required string Outcome { get; init; }

    public int Count { get; set; } = 1;

    /// <summary>Gets the caller: a user's id, <c>client:</c> and the id of a machine client, or <c>host</c> for an operator.</summary>
    public required string Subject { get; init; }

    public string? ClientId { get; init; }

    public Guid? SessionId { get; init; }

    /// <summary>Gets the ECG; null if none was reached, and after the erasure of its owner.</summary>
    public Guid? EcgId { get; init; }

    /// <summary>Gets the owner of the ECG; null if no ECG was reached.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Gets the address of the first access.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Gets the trace of the first access.</summary>
    public string? TraceId { get; init; }

    /// <summary>Creates the row for the ECG of another owner that the caller of this access requested.</summary>
    public EcgAccess ForEcg(Guid ecgId, string ownerId) => new()
    {
        Id = Guid.CreateVersion7(At),
        At = At,
        Action = Action,
        Outcome = Outcome == AccessOutcomes.NotFound ? AccessOutcomes.NotOwner : Outcome,
        Subject = Subject,
        ClientId = ClientId,
        SessionId = SessionId,
        EcgId = ecgId,
        OwnerId = ownerId,
        Address = Address,
        TraceId = TraceId,
    };
}
