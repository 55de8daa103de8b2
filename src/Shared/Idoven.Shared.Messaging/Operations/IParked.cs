namespace Idoven.Shared.Messaging.Operations;

/// <summary>What waits for an operator: identifiers, kinds and reasons, never content.</summary>
/// <param name="Id">Of the entry; for a failed ECG, the ECG.</param>
/// <param name="Queue">Where it could not be handled; an exchange where it could not be sent.</param>
/// <param name="Type">The message's name.</param>
/// <param name="Reason">A kind or code.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Since">When it was first seen.</param>
/// <param name="NextAttemptAt">When it is tried again by itself; null where it was given up.</param>
public sealed record ParkedMessage(
    Guid Id, string Queue, string Type, string Reason, int Attempts, DateTimeOffset Since, DateTimeOffset? NextAttemptAt);

/// <summary>One kind of thing that can be parked in a module; a module may have several.</summary>
public interface IParked
{
    /// <summary>The oldest first.</summary>
    Task<IReadOnlyList<ParkedMessage>> List(int limit, CancellationToken ct);

    /// <summary>Due at once, with its attempts forgotten.</summary>
    /// <returns>False where there is no such entry here.</returns>
    Task<bool> Replay(Guid id, CancellationToken ct);

    /// <summary>Given up for good and removed.</summary>
    /// <returns>False where there is no such entry here, or one that cannot be discarded.</returns>
    Task<bool> Discard(Guid id, CancellationToken ct);
}
