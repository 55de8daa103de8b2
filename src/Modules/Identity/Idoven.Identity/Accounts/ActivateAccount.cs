using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.Accounts;

internal sealed class ActivateAccountHandler(
    PasswordCheck passwords, IAccountChanges accounts, INotices notices, IIdentityOutbox outbox, IIdentityAuditLog auditLog,
    TimeProvider clock)
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
    public Task<EarlierActivation?> FindEarlier(string token, CancellationToken ct) => accounts.FindEarlierActivation(HashOf(token), ct);

    private async Task<PendingActivation?> Activate(string token, string password, CancellationToken ct)
    {
        var tokenHash = HashOf(token);
        if (await Find(tokenHash, ct) is not { } pending)
        {
            return await Reject(account: null);
        }

        PasswordRuleException.ThrowIfBroken("/password", password, pending.Username, pending.Email);
        var verifier = await accounts.Hash(password, HashingPriority.KnownDevice, ct);
        var now = clock.GetUtcNow();
        if (!await accounts.Lock(pending.UserId, ct) || !await accounts.Activate(pending.UserId, tokenHash, verifier, now, ct))
        {
            return await Reject(pending.UserId);
        }

        if (pending.Email is { } email)
        {
            await notices.Add(pending.UserId, Notice.VerifyEmail, email, ct);
        }

        auditLog.Add(new AuditEntry(AuditActions.ActivateAccount, $"{pending.UserId}") { Subject = $"{pending.UserId}" });
        outbox.Add(new AccountActivated(pending.UserId, now), pending.UserId);
        await accounts.Save(ct);
        return pending;
    }

    private static string HashOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private async Task<PendingActivation?> Reject(Guid? account)
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.ActivateAccount, Reasons.OneTimeToken, account?.ToString()));
        return null;
    }

    private async Task<PendingActivation?> Find(string tokenHash, CancellationToken ct)
    {
        var end = clock.GetUtcNow() + WaitForMessage;
        while (true)
        {
            if (await accounts.FindActivation(tokenHash, ct) is { } found)
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
