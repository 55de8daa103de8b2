using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.SignIn;

/// <summary>The holder chooses another password; whoever signed in with the old one is signed out everywhere.</summary>
internal sealed class ChangePasswordHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISessions sessions, IOneTimeTokens tokens, INotices notices,
    IIdentityOutbox outbox, IIdentityAuditLog trail)
{
    /// <returns>False where the current password is wrong.</returns>
    /// <exception cref="PasswordRuleException">The new one breaks a rule.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<bool> Handle(Guid accountId, string currentPassword, string newPassword, CancellationToken ct)
    {
        if (await accounts.Find(accountId, ct) is not { } holder || await passwords.Verify(accountId, currentPassword, ct) is null)
        {
            await trail.Record(AuditEntry.Refused(AuditActions.ChangePassword, Reasons.Credentials, $"{accountId}"));
            return false;
        }

        PasswordRuleException.ThrowIfBroken("/newPassword", newPassword, holder.Username, holder.Email);
        var verifier = await changes.Hash(newPassword, HashingPriority.Known, ct);
        if (!await changes.Lock(accountId, ct) || await changes.ChangePassword(accountId, verifier, ct) is not { } generation)
        {
            return false;
        }

        await sessions.EndAll(accountId, ct);
        await tokens.RevokeAll(accountId, ct);
        await notices.Add(accountId, Notice.PasswordChanged, ct);
        trail.Add(new AuditEntry(AuditActions.ChangePassword, $"{accountId}"));
        outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        await changes.Save(ct);
        return true;
    }
}
