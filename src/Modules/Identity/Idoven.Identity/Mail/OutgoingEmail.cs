
namespace Idoven.Identity.Mail;

/// <summary>
/// An e-mail that is to be sent. What it says is made when it is sent, the token in it too: no token lies here in clear.
/// </summary>
internal sealed class OutgoingEmail
{
    public required Guid Id { get; init; }

    /// <summary>What it is about; null for a request for recovery, until <see cref="RecoveryRequests"/> looks it up.</summary>
    public Notice? Notice { get; init; }

    /// <summary>Null for a request for recovery.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>Where it goes; of a request for recovery, the name that was typed. Null: to the account's verified address.</summary>
    public string? Address { get; init; }

    public int Attempts { get; set; }

    public required DateTimeOffset NextAttemptAt { get; set; }
}
