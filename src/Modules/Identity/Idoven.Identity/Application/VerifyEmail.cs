namespace Idoven.Identity.Application;

/// <summary>
/// An e-mail address becomes a way into an account only by whoever both reads what is sent to it and knows the password: neither the one who
/// registered the user with an address of their own, nor the one who reads a mistyped address, gets in by it.
/// </summary>
internal sealed class VerifyEmailHandler(PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, IOneTimeTokens tokens, INotices notices)
{
    /// <summary>Sends the link once more, to the address as it is now; nothing where it is verified, or there is none.</summary>
    public async Task Ask(Guid accountId, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) && await accounts.Find(accountId, ct) is not null)
        {
            notices.Add(accountId, Notice.VerifyEmail);
        }

        await changes.Save(ct);
    }

    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<EmailVerification> Handle(string token, string password, CancellationToken ct)
    {
        if (await tokens.Find(token, TokenUse.EmailVerification, ct) is not { } found)
        {
            return EmailVerification.NoToken;
        }

        if (await passwords.Verify(found.AccountId, password, ct) is null)
        {
            await tokens.CountWrong(token, ct);
            return EmailVerification.WrongPassword;
        }

        if (!await changes.Lock(found.AccountId, ct) || !await tokens.Use(token, ct) || !await changes.VerifyEmail(found.AccountId, found.Email!, ct))
        {
            return EmailVerification.NoToken;
        }

        await changes.Save(ct);
        return EmailVerification.Done;
    }
}

internal enum EmailVerification
{
    Done,
    NoToken,
    WrongPassword,
}
