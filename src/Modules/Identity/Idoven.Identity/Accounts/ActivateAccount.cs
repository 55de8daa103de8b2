using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.Accounts;

internal sealed class ActivateAccountHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, IOneTimeTokens tokens, INotices notices, IIdentityOutbox outbox,
    IIdentityAuditLog auditLog, TimeProvider clock)
{
    // The user may have the token before the message with its hash arrives here.
    private static readonly TimeSpan WaitForMessage = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Activates the account of the token with the password that its holder chose.</summary>
    /// <returns>False if the token is unknown, used, replaced or expired.</returns>
    /// <exception cref="PasswordRuleException">The password violates a rule; the token stays valid.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<bool> Handle(string token, string password, CancellationToken ct) =>
        await passwords.VerifyToken(token, () => Activate(token, password, ct), ct) is not null;

    /// <summary>
    /// Finds when and from where an account was activated, for the holder of a used or replaced token: an administrator can have
    /// another token issued and use it first, which cannot be prevented.
    /// </summary>
    /// <returns>Null if the token is another one or the account was not activated.</returns>
    public Task<EarlierActivation?> FindEarlier(string token, CancellationToken ct) => tokens.FindEarlierActivation(token, ct);

    private async Task<AccountHolder?> Activate(string token, string password, CancellationToken ct)
    {
        if (await Find(token, ct) is not { } found || await accounts.Find(found.AccountId, ct) is not { } holder)
        {
            return await Reject(account: null);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, holder.Username, holder.Email);
        var verifier = await changes.Hash(password, HashingPriority.KnownDevice, ct);
        var now = clock.GetUtcNow();
        if (await changes.Lock(holder.Id, ct) is not { } transaction
            || !await tokens.Redeem(token, transaction, ct)
            || !await changes.Activate(holder.Id, verifier, now, transaction, ct))
        {
            return await Reject(holder.Id);
        }

        if (holder.Email is { } email)
        {
            await notices.Add(holder.Id, Notice.VerifyEmail, email, transaction, ct);
        }

        auditLog.Add(new AuditEntry(AuditActions.ActivateAccount, $"{holder.Id}") { Subject = $"{holder.Id}" });
        outbox.Add(new AccountActivated(holder.Id, now), holder.Id);
        await changes.Save(ct);
        return holder;
    }

    private async Task<AccountHolder?> Reject(Guid? account)
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.ActivateAccount, Reasons.OneTimeToken, account?.ToString()));
        return null;
    }

    private async Task<OneTimeToken?> Find(string token, CancellationToken ct)
    {
        var end = clock.GetUtcNow() + WaitForMessage;
        while (true)
        {
            if (await tokens.Find(token, TokenUse.Activation, ct) is { } found)
            {
                return found;
            }

            if (clock.GetUtcNow() >= end)
            {
                return null;
            }

            await Task.Delay(PollInterval, clock, ct);
        }
    }
}

/// <summary>Thrown if a chosen password violates a rule, which the message names.</summary>
/// <param name="pointer">The JSON pointer of the password in the request body.</param>
internal sealed class PasswordRuleException(string pointer, string rule) : Exception(rule)
{
    public string Pointer { get; } = pointer;

    public static void ThrowIfBroken(string pointer, string password, params IEnumerable<string?> identifiers)
    {
        if (PasswordRules.FindError(password, identifiers) is { } rule)
        {
            throw new PasswordRuleException(pointer, rule);
        }
    }
}
