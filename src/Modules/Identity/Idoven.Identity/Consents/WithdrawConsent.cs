using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Contracts;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Consents;

/// <summary>
/// A person takes back what they allowed a client: its refresh tokens give nothing more, its access tokens are refused everywhere within a second, in
/// whichever session it got them. The sessions that began with it end, whoever shares them.
/// </summary>
internal sealed class WithdrawConsentHandler(
    IAccounts accounts, IAccountChanges changes, IConsents consents, ISessions sessions, IIdentityOutbox outbox,
    IIdentityAuditLog trail)
{
    /// <returns>False where the account's holder allowed the client nothing.</returns>
    public async Task<bool> Handle(Guid accountId, string clientId, CancellationToken ct)
    {
        if (!await changes.Lock(accountId, ct)
            || await accounts.Find(accountId, ct) is not { } holder
            || await consents.Withdraw(accountId, clientId, ct) is not { Count: > 0 } withdrawn)
        {
            return false;
        }

        foreach (var id in withdrawn.Concat(await sessions.EndOf(accountId, clientId, ct)))
        {
            outbox.Add(new SessionsRevoked($"{accountId}", $"{id}", holder.Generation), accountId);
        }

        trail.Add(new AuditEntry(AuditActions.WithdrawConsent, clientId));
        await changes.Save(ct);
        return true;
    }
}
