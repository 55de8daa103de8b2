namespace Idoven.Identity.Mail;

/// <summary>What the holder of an account is told by e-mail, where the installation sends any and the account has an address to send to.</summary>
internal interface INotices
{
    /// <summary>Sent after the transaction that it is added in, unless a bound of its kind is reached: then nothing is added.</summary>
    /// <param name="address">Where it goes; null: to the account's verified address, and nowhere where it has none.</param>
    /// <returns>How long it takes until the bound allows one more; zero if this one is sent.</returns>
    Task<TimeSpan> Add(Guid accountId, Notice notice, string? address, CancellationToken ct);

    /// <summary>The same to the account's verified address.</summary>
    /// <inheritdoc cref="Add(Guid, Notice, string, CancellationToken)"/>
    Task<TimeSpan> Add(Guid accountId, Notice notice, CancellationToken ct) => Add(accountId, notice, address: null, ct);

    /// <summary>Tells the holder of odd attempts at their password, at most once a day, so that nobody can fill their mailbox.</summary>
    Task NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct);

    /// <summary>
    /// Somebody asks for recovery. Whether there is an account is looked up after the response.
    /// Saved with what is on record of it.
    /// </summary>
    /// <param name="network">The caller's: only so many requests come from one.</param>
    /// <returns>How long it takes until the network may ask again; zero if this request was taken.</returns>
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
