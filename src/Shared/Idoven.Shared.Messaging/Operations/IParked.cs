namespace Idoven.Shared.Messaging.Operations;

/// <summary>A message that waits for an operator or for its next attempt: identifiers and reasons, never content.</summary>
/// <param name="Id">The id of the entry; for a failed ECG, the id of the ECG.</param>
/// <param name="Queue">The queue whose consumer could not handle it, or the exchange to which it could not be sent.</param>
/// <param name="Type">The message's name.</param>
/// <param name="Reason">The type of the exception, or a code.</param>
/// <param name="Attempts">The number of attempts.</param>
/// <param name="Since">The time of the first failure.</param>
/// <param name="NextAttemptAt">The time of the next automatic attempt; null if there is none.</param>
public sealed record ParkedMessage(
    Guid Id, string Queue, string Type, string Reason, int Attempts, DateTimeOffset Since, DateTimeOffset? NextAttemptAt);

/// <summary>One kind of parked messages of a module. A module can have several.</summary>
public interface IParked
{
    /// <summary>Returns the parked messages, the oldest first.</summary>
    Task<IReadOnlyList<ParkedMessage>> List(int limit, CancellationToken ct);

    /// <summary>Makes a message due at once and resets its number of attempts.</summary>
    /// <returns>False if there is no such entry.</returns>
    Task<bool> Replay(Guid id, CancellationToken ct);

    /// <summary>Removes a message.</summary>
    /// <returns>False if there is no such entry, or if it cannot be discarded.</returns>
    Task<bool> Discard(Guid id, CancellationToken ct);
}
