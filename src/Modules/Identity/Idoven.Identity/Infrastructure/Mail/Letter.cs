using Idoven.Identity.Application;

namespace Idoven.Identity.Infrastructure.Mail;

/// <summary>
/// An e-mail that is to be sent. What it says is made when it is sent, the token in it too: no token lies here in clear.
/// </summary>
internal sealed class Letter
{
    public required Guid Id { get; init; }

    /// <summary>What it is about; null where somebody asked for recovery and it is not known yet whether there is anything to send.</summary>
    public Notice? Notice { get; init; }

    /// <summary>Null where somebody asked for recovery.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>Where it goes; what was typed where somebody asked for recovery. Null: to the account's verified address.</summary>
    public string? Address { get; init; }

    public int Attempts { get; set; }

    public required DateTimeOffset NextAttemptAt { get; set; }
}
