using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Recovery;

/// <summary>
/// Who has lost the password chooses another: with a link that was sent to the verified address, with one that the operator of the host made, or with
/// a recovery code. Every session ends. A second factor that is on stays on: the next sign-in asks for it. A recovery code ends the others with it, or two codes
/// of one sheet would be both the password and the second factor.
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
    IIdentityOutbox outbox, IIdentityAuditLog trail)
{
    /// <summary>
    /// A link is sent where there is an account with a verified address; nobody learns from this whether there is. What is on record of it says
    /// of nobody either: the account's entry is made with the link, after the response.
    /// </summary>
    /// <returns>How long it takes until the caller's network may ask again; zero if this request was taken.</returns>
    public async Task<TimeSpan> RequestRecovery(string identifier, CancellationToken ct)
    {
        trail.Add(new AuditEntry(AuditActions.AskForRecovery));
        return await notices.RequestRecovery(identifier, origin.Current.Network, ct);
    }

    /// <returns>False for a token that is unknown, used, replaced or over.</returns>
    /// <exception cref="PasswordRuleException">The password breaks a rule; the token stays good.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<bool> WithToken(string token, string password, CancellationToken ct) =>
        await passwords.VerifyToken(token, () => UseToken(token, password, ct), ct) is not null;

    /// <returns>False if no account has the identifier, or the code is not valid.</returns>
    /// <exception cref="PasswordRuleException">The password breaks a rule; the code stays good.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<bool> WithCode(string identifier, string code, string password, CancellationToken ct)
    {
        // Nothing of the account is asked for this, so it is no attempt.
        PasswordRuleException.ThrowIfBroken("/password", password, identifier);
        return await passwords.Verify(identifier, line => UseCode(identifier, code, password, line, ct), ct) is not null;
    }

    private async Task<AccountHolder?> UseToken(string token, string password, CancellationToken ct)
    {
        if (await tokens.Find(token, TokenUse.Recovery, ct) is not { } found || await accounts.Find(found.AccountId, ct) is not { } holder)
        {
            return await Refuse(Reasons.OneTimeToken, account: null);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, holder.Username, holder.Email);
        var verifier = await changes.Hash(password, HashingPriority.Known, ct);
        return await changes.Lock(holder.Id, ct) && await tokens.Redeem(token, ct) && await Replace(holder.Id, verifier, Reasons.OneTimeToken, ct)
            ? holder
            : await Refuse(Reasons.OneTimeToken, holder.Id);
    }

    private async Task<AccountHolder?> UseCode(string identifier, string code, string password, HashingPriority line, CancellationToken ct)
    {
        // The hash comes first: right or wrong, it is the same work.
        var holder = await accounts.Find(identifier, ct);
        var verifier = await changes.Hash(password, line, ct);
        var accountId = holder?.Id ?? Guid.Empty;
        if (!await changes.Lock(accountId, ct) || !await factors.UseForRecovery(accountId, code, ct))
        {
            return await Refuse(Reasons.RecoveryCode, holder?.Id);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, holder!.Username, holder.Email);
        return await Replace(accountId, verifier, Reasons.RecoveryCode, ct) ? holder : await Refuse(Reasons.RecoveryCode, accountId);
    }

    /// <summary>For whoever runs the host: a token with which the holder, and nobody else, chooses a password.</summary>
    /// <returns>Null where nobody has the identifier, or its holder never chose a password.</returns>
    public async Task<(AccountHolder Holder, string Token)?> OnHost(string identifier, CancellationToken ct)
    {
        if (await accounts.Find(identifier, ct) is not { } holder)
        {
            return null;
        }

        trail.Add(new AuditEntry(AuditActions.IssueRecovery, $"{holder.Id}"));
        return (holder, await tokens.Issue(holder.Id, TokenUse.Recovery, email: null, ct));
    }

    private async Task<bool> Replace(Guid accountId, string verifier, string by, CancellationToken ct)
    {
        if (await changes.ChangePassword(accountId, verifier, ct) is not { } generation)
        {
            return false;
        }

        await sessions.EndAll(accountId, ct);
        await tokens.RevokeAll(accountId, ct);
        await notices.Add(accountId, Notice.Recovered, ct);
        trail.Add(new AuditEntry(AuditActions.Recover, $"{accountId}", by) { Subject = $"{accountId}" });
        outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        await changes.Save(ct);
        return true;
    }

    private async Task<AccountHolder?> Refuse(string by, Guid? account)
    {
        await trail.Record(AuditEntry.Refused(AuditActions.Recover, by, account?.ToString()));
        return null;
    }
}
