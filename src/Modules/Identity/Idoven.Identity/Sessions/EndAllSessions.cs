using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Sessions;

/// <summary>Signed out everywhere, here too.</summary>
internal sealed class EndAllSessionsHandler(
    IAccountChanges accounts, ISessions sessions, IIdentityOutbox outbox, IIdentityAuditLog trail)
{
    public async Task Handle(Guid accountId, CancellationToken ct)
    {
        if (await accounts.Lock(accountId, ct) && await accounts.RaiseGeneration(accountId, ct) is { } generation)
        {
            await sessions.EndAll(accountId, ct);
            trail.Add(new AuditEntry(AuditActions.EndAllSessions, $"{accountId}"));
            outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        }

        await accounts.Save(ct);
    }
}
