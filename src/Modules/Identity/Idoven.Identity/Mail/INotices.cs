using Idoven.Shared.Data;

namespace Idoven.Identity.Mail;

/// <summary>Adds e-mails to users. Does nothing if the installation sends no e-mails.</summary>
internal interface INotices
{
    /// <summary>
    /// Adds an e-mail, which is sent after the commit of the transaction. Adds nothing if a limit of its kind is reached.
    /// </summary>
    /// <param name="address">The address; null for the account's verified address: without one, nothing is sent.</param>
    /// <returns>How long it takes until the limit allows one more; zero if this one was added.</returns>
    Task<TimeSpan> Add(Guid accountId, Notice notice, string? address, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Adds an e-mail to the account's verified address.</summary>
    /// <inheritdoc cref="Add(Guid, Notice, string, OpenTransaction, CancellationToken)"/>
    Task<TimeSpan> Add(Guid accountId, Notice notice, OpenTransaction transaction, CancellationToken ct) =>
        Add(accountId, notice, address: null, transaction, ct);

    /// <summary>
    /// Notifies the user of suspicious failed sign-in attempts, at most once a day, so that an attacker cannot fill the mailbox. Commits
    /// by itself.
    /// </summary>
    Task NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct);

    /// <summary>
    /// Adds a request for recovery, and commits it together with its audit entry. The account is looked up after the response, so that the
    /// response does not show whether it exists.
    /// </summary>
    /// <param name="network">The caller's network, whose requests are limited.</param>
    /// <returns>How long it takes until the network may ask again; zero if this request was accepted.</returns>
    Task<TimeSpan> RequestRecovery(string identifier, string network, CancellationToken ct);
}

internal enum Notice
{
    VerifyEmail,
    Recovery,
    EmailChanged,
    UsernameChanged,
    PasswordChanged,
    Recovered,
    SecondFactorOn,
    SecondFactorOff,
    RecoveryCodesReplaced,
    WrongPasswords,
    RightAfterWrongPasswords,
}
