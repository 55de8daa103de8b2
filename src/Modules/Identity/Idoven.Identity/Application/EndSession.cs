using Idoven.Identity.Contracts;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Application;

/// <summary>One sign-in ends: its refresh token gives nothing more, its access tokens are refused everywhere within a second.</summary>
internal sealed class EndSessionHandler(
    IAccounts accounts, IAccountChanges changes, ISessions sessions, [FromKeyedServices(IdentityModule.Name)] IOutbox outbox)
{
    /// <returns>False where the account has no such session.</returns>
    public async Task<bool> Handle(Guid accountId, Guid sessionId, CancellationToken ct)
    {
        if (!await changes.Lock(accountId, ct)
            || await accounts.Find(accountId, ct) is not { } holder
            || !await sessions.End(accountId, sessionId, ct))
        {
            return false;
        }

        outbox.Add(new SessionsRevoked(accountId.ToString(), sessionId.ToString(), holder.Generation), accountId);
        await changes.Save(ct);
        return true;
    }
}
