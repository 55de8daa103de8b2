using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.SignIn;

/// <summary>Changes the password of the caller's own account, and ends all sessions.</summary>
internal sealed class ChangePasswordHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISessions sessions, IOneTimeTokens tokens, INotices notices,
    IIdentityOutbox outbox, IIdentityAuditLog auditLog)
{
    /// <returns>False if the current password is wrong.</returns>
    /// <exception cref="PasswordRuleException">The new password violates a rule.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<bool> Handle(Guid accountId, string currentPassword, string newPassword, CancellationToken ct)
    {
        if (await accounts.Find(accountId, ct) is not { } holder || await passwords.Verify(accountId, currentPassword, ct) is null)
        {
            await auditLog.Record(AuditEntry.Refused(AuditActions.ChangePassword, Reasons.Credentials, $"{accountId}"));
            return false;
        }

        PasswordRuleException.ThrowIfBroken("/newPassword", newPassword, holder.Username, holder.Email);
        var verifier = await changes.Hash(newPassword, HashingPriority.KnownDevice, ct);
        if (await changes.Lock(accountId, ct) is not { } transaction
            || await changes.ChangePassword(accountId, verifier, transaction, ct) is not { } generation)
        {
            return false;
        }

        await sessions.EndAll(accountId, transaction, ct);
        await tokens.RevokeAll(accountId, transaction, ct);
        await notices.Add(accountId, Notice.PasswordChanged, transaction, ct);
        auditLog.Add(new AuditEntry(AuditActions.ChangePassword, $"{accountId}"));
        outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        await changes.Save(ct);
        return true;
    }
}
