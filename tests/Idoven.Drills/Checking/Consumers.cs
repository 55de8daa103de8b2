namespace Idoven.Drills.Checking;

/// <summary>
/// Which queue must handle which message, as the modules register their consumers. Queue and message
/// names are frozen, so this list changes only when a message is added.
/// </summary>
internal static class Consumers
{
    /// <summary>The full name of a message, and for each of its queues the schema that the consumer belongs to.</summary>
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

    /// <summary>Names of the queues, without their dead letters.</summary>
    public static IReadOnlyList<string> Queues { get; } = [.. All.Select(consumer => consumer.Queue)];

    /// <summary>
    /// Consumers that must have an inbox row of every message. An analysis has none if its ECG was deleted meanwhile or is complete, so
    /// that one is left out.
    /// </summary>
    public static IEnumerable<(string Message, string Schema, string Queue)> WithInbox => All.Where(consumer => consumer.Queue != "ecgs-process-ecg");
}
