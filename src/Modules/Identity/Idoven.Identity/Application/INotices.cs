namespace Idoven.Identity.Application;

/// <summary>What the holder of an account is told by e-mail, where the installation sends any and the account has an address to send to.</summary>
internal interface INotices
{
    /// <summary>Sent after the transaction that it is added in.</summary>
    /// <param name="address">Where it goes; null: to the account's verified address, and nowhere where it has none.</param>
    void Add(Guid accountId, Notice notice, string? address = null);

    /// <summary>Tells the holder of odd attempts at their password, at most once a day, so that nobody can fill their mailbox.</summary>
    Task TellOfGuesses(Guid accountId, Notice notice, CancellationToken ct);

    /// <summary>Somebody wants to get back into an account: who it is, and whether there is one, is looked up when nobody waits for an answer. Saved with what is on record of it.</summary>
    Task AskForRecovery(string identifier, CancellationToken ct);
}

internal enum Notice
{
    VerifyEmail,
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
