using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Accounts;

/// <summary>
/// An e-mail address becomes a way into an account only by whoever both reads what is sent to it and knows the password: neither the one who
/// registered the user with an address of their own, nor the one who reads a mistyped address, gets in by it.
/// </summary>
internal sealed class VerifyEmailHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, IOneTimeTokens tokens, INotices notices,
    IIdentityAuditLog trail)
{
    /// <summary>Sends the link once more, to the address as it is now; nothing where it is verified, or there is none.</summary>
    /// <returns>How long it takes until a link may be sent; zero if one is, or there is nothing to verify.</returns>
    public async Task<TimeSpan> RequestVerification(Guid accountId, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) && await accounts.Find(accountId, ct) is { } holder)
        {
            if (holder is { Email: { } email, HasVerifiedEmail: false }
                && await notices.Add(accountId, Notice.VerifyEmail, email, ct) is var wait
                && wait > TimeSpan.Zero)
            {
                return wait;
            }

            trail.Add(new AuditEntry(AuditActions.AskForVerification, $"{accountId}"));
        }

        await changes.Save(ct);
        return TimeSpan.Zero;
    }

    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<EmailVerification> Handle(string token, string password, CancellationToken ct)
    {
        if (await passwords.VerifyToken(token, () => tokens.Find(token, TokenUse.EmailVerification, ct), ct) is not { } found)
        {
            return await Refuse(EmailVerification.NoToken, Reasons.OneTimeToken, account: null);
        }

        if (await passwords.Verify(found.AccountId, password, ct) is null)
        {
            await tokens.CountFailedAttempt(token, ct);
            return await Refuse(EmailVerification.WrongPassword, Reasons.Credentials, found.AccountId);
        }

        if (!await changes.Lock(found.AccountId, ct) || !await tokens.Redeem(token, ct) || !await changes.VerifyEmail(found.AccountId, found.Email!, ct))
        {
            return await Refuse(EmailVerification.NoToken, Reasons.OneTimeToken, found.AccountId);
        }

        trail.Add(new AuditEntry(AuditActions.VerifyEmail, $"{found.AccountId}") { Subject = $"{found.AccountId}" });
        await changes.Save(ct);
        return EmailVerification.Done;
    }

    private async Task<EmailVerification> Refuse(EmailVerification refusal, string reason, Guid? account)
    {
        await trail.Record(AuditEntry.Refused(AuditActions.VerifyEmail, reason, account?.ToString()));
        return refusal;
    }
}

internal enum EmailVerification
{
    Done,
    NoToken,
    WrongPassword,
}
