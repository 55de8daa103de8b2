using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Verifies an e-mail address, which a user can then sign in with. It takes both the link that was sent to the address and the password: so
/// neither an administrator who registered the user with their own address, nor the owner of a mistyped address, gets into the account.
/// </summary>
internal sealed class VerifyEmailHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, IOneTimeTokens tokens, INotices notices,
    IIdentityAuditLog auditLog)
{
    /// <summary>Sends the link again, to the current address; does nothing if the account has no address or a verified one.</summary>
    /// <returns>How long it takes until a link may be sent; zero if it is sent, or there is nothing to verify.</returns>
    public async Task<TimeSpan> RequestVerification(Guid accountId, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) is { } transaction && await accounts.Find(accountId, ct) is { } holder)
        {
            if (holder is { Email: { } email, HasVerifiedEmail: false }
                && await notices.Add(accountId, Notice.VerifyEmail, email, transaction, ct) is var wait
                && wait > TimeSpan.Zero)
            {
                return wait;
            }

            auditLog.Add(new AuditEntry(AuditActions.AskForVerification, $"{accountId}"));
        }

        await changes.Save(ct);
        return TimeSpan.Zero;
    }

    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<EmailVerification> Handle(string token, string password, CancellationToken ct)
    {
        if (await passwords.VerifyToken(token, () => tokens.Find(token, TokenUse.EmailVerification, ct), ct) is not { } found)
        {
            return await Reject(EmailVerification.NoToken, Reasons.OneTimeToken, account: null);
        }

        if (await passwords.Verify(found.AccountId, password, ct) is null)
        {
            await tokens.CountFailedAttempt(token, ct);
            return await Reject(EmailVerification.WrongPassword, Reasons.Credentials, found.AccountId);
        }

        if (await changes.Lock(found.AccountId, ct) is not { } transaction
            || !await tokens.Redeem(token, transaction, ct)
            || !await changes.VerifyEmail(found.AccountId, found.Email!, transaction, ct))
        {
            return await Reject(EmailVerification.NoToken, Reasons.OneTimeToken, found.AccountId);
        }

        auditLog.Add(new AuditEntry(AuditActions.VerifyEmail, $"{found.AccountId}") { Subject = $"{found.AccountId}" });
        await changes.Save(ct);
        return EmailVerification.Done;
    }

    private async Task<EmailVerification> Reject(EmailVerification rejection, string reason, Guid? account)
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.VerifyEmail, reason, account?.ToString()));
        return rejection;
    }
}

internal enum EmailVerification
{
    Done,
    NoToken,
    WrongPassword,
}
