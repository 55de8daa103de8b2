using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Consents;

/// <summary>
/// Withdraws a user's consents for a client. The client's refresh tokens are deleted, and all modules reject its access tokens within a
/// second, whatever session they belong to. The sessions that began with the client end, also for other clients that use them.
/// </summary>
internal sealed class WithdrawConsentHandler(
    IAccounts accounts, IAccountChanges changes, IConsents consents, ISessions sessions, IIdentityOutbox outbox,
    IIdentityAuditLog auditLog)
{
    /// <returns>False if the user has no consent for the client.</returns>
    public async Task<bool> Handle(Guid accountId, string clientId, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) is not { } transaction
            || await accounts.Find(accountId, ct) is not { } holder
            || await consents.Withdraw(accountId, clientId, transaction, ct) is not { Count: > 0 } withdrawn)
        {
            return false;
        }

        foreach (var id in withdrawn.Concat(await sessions.EndOf(accountId, clientId, transaction, ct)))
        {
            outbox.Add(new SessionsRevoked($"{accountId}", $"{id}", holder.Generation), accountId);
        }

        auditLog.Add(new AuditEntry(AuditActions.WithdrawConsent, clientId));
        await changes.Save(ct);
        return true;
    }
}
