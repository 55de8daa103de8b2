namespace Idoven.Drills.Checking;

/// <summary>
/// Lists which queue handles which message, as the modules register their consumers. Queue and message
/// names are frozen, so this list changes only when a message is added.
/// </summary>
internal static class Consumers
{
    /// <summary>Gets, for each queue, the full name of the message and the schema of the consumer's module.</summary>
    public static IReadOnlyList<(string Message, string Schema, string Queue)> All { get; } =
    [
        ("Idoven.Ecgs.Contracts.EcgSubmitted", "ecgs", "ecgs-process-ecg"),
        ("Idoven.Users.Contracts.UserDeleted", "ecgs", "ecgs-erase-owner-user"),
        ("Idoven.Identity.Contracts.ClientDeleted", "ecgs", "ecgs-erase-owner-client"),
        ("Idoven.Identity.Contracts.SessionsRevoked", "ecgs", "ecgs-revoke-sessions"),
        ("Idoven.Users.Contracts.UserRegistered", "identity", "identity-create-account"),
        ("Idoven.Users.Contracts.ActivationIssued", "identity", "identity-issue-activation"),
        ("Idoven.Users.Contracts.UserChanged", "identity", "identity-change-account"),
        ("Idoven.Users.Contracts.UserDeleted", "identity", "identity-delete-account"),
        ("Idoven.Identity.Contracts.SessionsRevoked", "identity", "identity-revoke-sessions"),
        ("Idoven.Identity.Contracts.AccountActivated", "users", "users-record-activation"),
        ("Idoven.Ecgs.Contracts.OwnerErased", "users", "users-record-erasure-ecgs"),
        ("Idoven.Identity.Contracts.OwnerErased", "users", "users-record-erasure-identity"),
        ("Idoven.Identity.Contracts.ClientDeleted", "users", "users-forget-client"),
        ("Idoven.Identity.Contracts.SessionsRevoked", "users", "users-revoke-sessions"),
    ];

    /// <summary>Gets the names of the queues, without the dead-letter queues.</summary>
    public static IReadOnlyList<string> Queues { get; } = [.. All.Select(consumer => consumer.Queue)];

    /// <summary>
    /// Gets the consumers that must have an inbox row for every message. An analysis has none if its ECG was deleted meanwhile or is
    /// complete, so its consumer is excluded.
    /// </summary>
    public static IEnumerable<(string Message, string Schema, string Queue)> WithInbox =>
        All.Where(consumer => consumer.Queue != "ecgs-process-ecg");
}
