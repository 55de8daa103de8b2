using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.Recovery;

/// <summary>
/// Replaces a lost password: with a link that was sent to the verified address, with a link that the operator of the host created, or with
/// a recovery code. All sessions end. A second factor stays on, and the next sign-in requires it. A recovery code invalidates the others,
/// because two codes of one list would otherwise replace both the password and the second factor.
/// </summary>
internal sealed class RecoverHandler(
    PasswordCheck passwords,
    IAccounts accounts,
    IAccountChanges changes,
    ISecondFactors factors,
    ISessions sessions,
    IOneTimeTokens tokens,
    INotices notices,
    IRequestOrigin origin,
    IIdentityOutbox outbox,
    IIdentityAuditLog auditLog)
{
    /// <summary>
    /// Sends a link if there is an account with a verified address. Neither the response nor the entry in the audit log says whether there
    /// is one: the entry that names the account is created together with the link, after the response.
    /// </summary>
    /// <returns>How long it takes until the caller's network may ask again; zero if this request was accepted.</returns>
    public async Task<TimeSpan> RequestRecovery(string identifier, CancellationToken ct)
    {
        auditLog.Add(new AuditEntry(AuditActions.AskForRecovery));
        return await notices.RequestRecovery(identifier, origin.Current.Network, ct);
    }

    /// <returns>False if the token is unknown, used, replaced or expired.</returns>
    /// <exception cref="PasswordRuleException">The password violates a rule; the token stays valid.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<bool> WithToken(string token, string password, CancellationToken ct) =>
        await passwords.VerifyToken(token, () => UseToken(token, password, ct), ct) is not null;

    /// <returns>False if no account has the identifier, or the code is not valid.</returns>
    /// <exception cref="PasswordRuleException">The password violates a rule; the code stays valid.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<bool> WithCode(string identifier, string code, string password, CancellationToken ct)
    {
        // This check uses nothing of the account, so it is not counted as an attempt.
        PasswordRuleException.ThrowIfBroken("/password", password, identifier);
        return await passwords.Verify(identifier, priority => UseCode(identifier, code, password, priority, ct), ct) is not null;
    }

    private async Task<AccountHolder?> UseToken(string token, string password, CancellationToken ct)
    {
        if (await tokens.Find(token, TokenUse.Recovery, ct) is not { } found || await accounts.Find(found.AccountId, ct) is not { } holder)
        {
            return await Reject(Reasons.OneTimeToken, account: null);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, holder.Username, holder.Email);
        var verifier = await changes.Hash(password, HashingPriority.KnownDevice, ct);
        return await changes.Lock(holder.Id, ct) is { } transaction
            && await tokens.Redeem(token, transaction, ct)
            && await Replace(holder.Id, verifier, Reasons.OneTimeToken, transaction, ct)
            ? holder
            : await Reject(Reasons.OneTimeToken, holder.Id);
    }

    private async Task<AccountHolder?> UseCode(
        string identifier, string code, string password, HashingPriority priority, CancellationToken ct)
    {
        // The hash is computed first, so that right and wrong codes take the same time.
        var holder = await accounts.Find(identifier, ct);
        var verifier = await changes.Hash(password, priority, ct);
        var accountId = holder?.Id ?? Guid.Empty;
        if (await changes.Lock(accountId, ct) is not { } transaction || !await factors.UseForRecovery(accountId, code, transaction, ct))
        {
            return await Reject(Reasons.RecoveryCode, holder?.Id);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, holder!.Username, holder.Email);
        return await Replace(accountId, verifier, Reasons.RecoveryCode, transaction, ct)
            ? holder
            : await Reject(Reasons.RecoveryCode, accountId);
    }

    /// <summary>Issues a token for the operator of the host, with which the holder of the account chooses a password.</summary>
    /// <returns>Null if no account has the identifier, or it was never activated.</returns>
    public async Task<(AccountHolder Holder, string Token)?> OnHost(string identifier, CancellationToken ct)
    {
        if (await accounts.Find(identifier, ct) is not { } holder)
        {
            return null;
        }

        auditLog.Add(new AuditEntry(AuditActions.IssueRecovery, $"{holder.Id}"));
        return (holder, await tokens.Issue(holder.Id, TokenUse.Recovery, email: null, ct));
    }

    private async Task<bool> Replace(Guid accountId, string verifier, string by, OpenTransaction transaction, CancellationToken ct)
    {
        if (await changes.ChangePassword(accountId, verifier, transaction, ct) is not { } generation)
        {
            return false;
        }

        await sessions.EndAll(accountId, transaction, ct);
        await tokens.RevokeAll(accountId, transaction, ct);
        await notices.Add(accountId, Notice.Recovered, transaction, ct);
        auditLog.Add(new AuditEntry(AuditActions.Recover, $"{accountId}", by) { Subject = $"{accountId}" });
        outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        await changes.Save(ct);
        return true;
    }

    private async Task<AccountHolder?> Reject(string by, Guid? account)
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.Recover, by, account?.ToString()));
        return null;
    }
}
