using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.Sessions;

/// <summary>Ends all sessions of an account, including the one of the request.</summary>
internal sealed class EndAllSessionsHandler(
    IAccountChanges accounts, ISessions sessions, IIdentityOutbox outbox, IIdentityAuditLog auditLog)
{
    public async Task Handle(Guid accountId, CancellationToken ct)
    {
        if (await accounts.Lock(accountId, ct) is { } transaction
            && await accounts.RaiseGeneration(accountId, transaction, ct) is { } generation)
        {
            await sessions.EndAll(accountId, transaction, ct);
            auditLog.Add(new AuditEntry(AuditActions.EndAllSessions, $"{accountId}"));
            outbox.Add(new SessionsRevoked(accountId.ToString(), SessionId: null, generation), accountId);
        }

        await accounts.Save(ct);
    }
}
