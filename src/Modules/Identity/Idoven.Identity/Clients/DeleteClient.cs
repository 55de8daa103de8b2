using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>Deletes a client: it gets no tokens, its existing ones are revoked, and all data that it owns is erased.</summary>
internal sealed class DeleteClientHandler(
    IClients clients, IIdentityOutbox outbox, IIdentityAuditLog auditLog)
{
    /// <returns>False if the client does not exist.</returns>
    public async Task<bool> Handle(string id, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { } client)
        {
            return false;
        }

        await clients.Remove(client, ct);
        auditLog.Add(new AuditEntry(AuditActions.DeleteClient, client.Id));
        outbox.Add(new SessionsRevoked($"client:{client.Id}", SessionId: null, client.Generation + 1), client.Key);
        outbox.Add(new ClientDeleted(client.Id, Version: 1), client.Key);
        await clients.Save(ct);
        return true;
    }
}
