
namespace Idoven.Identity.Mail;

/// <summary>
/// Represents an e-mail that is to be sent. Its text, including the one-time token, is created when it is sent, so no token is stored
/// here in clear text.
/// </summary>
internal sealed class OutgoingEmail
{
    public required Guid Id { get; init; }

    /// <summary>
    /// The kind of e-mail; null for a request for recovery whose account <see cref="RecoveryRequests"/> has not looked up yet.
    /// </summary>
    public Notice? Notice { get; init; }

    /// <summary>Null for a request for recovery.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>
    /// The address, or for a request for recovery the identifier that was typed. Null for the account's verified address.
    /// </summary>
    public string? Address { get; init; }

    public int Attempts { get; set; }

    public required DateTimeOffset NextAttemptAt { get; set; }
}
