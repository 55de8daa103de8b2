using Idoven.Identity.Common;
using Idoven.Shared.Audit;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>Adds a secret, so that a client can change to it while the one before is still valid. An older one expires.</summary>
internal sealed class RotateClientSecretHandler(
    IClients clients, IIdentityAuditLog auditLog, TimeProvider clock)
{
    /// <param name="key">The request's Idempotency-Key, or null; a repeated request creates no second secret.</param>
    /// <returns>
    /// Whether the client exists and has secrets, which public clients and clients with keys do not have; and the secret, which cannot be
    /// read again: null if the same request created it before.
    /// </returns>
    /// <exception cref="RequestKeyReusedException">The Idempotency-Key was used with another body.</exception>
    /// <exception cref="ClientCredentialsException">An administrator may not know this client's secret.</exception>
    public Task<(bool IsFound, string? Secret)> Handle(string id, ClientChanger by, RequestKey? key, CancellationToken ct) =>
        Rotate(id, by, key, ct);

    /// <summary>Adds a secret to any client, for the operator of the host.</summary>
    public async Task<string?> RotateOnHost(string id, CancellationToken ct) =>
        (await Rotate(id, ClientChanger.Host, key: null, ct)).Secret;

    private async Task<(bool IsFound, string? Secret)> Rotate(string id, ClientChanger by, RequestKey? key, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { Registration: { IsPublic: false, Keys: null } } client)
        {
            return (false, null);
        }

        ClientCredentialsException.ThrowIfGuarded(client, by);
        if (key is not null && await clients.Claim(key, client.Key, clock.GetUtcNow(), ct) is not null)
        {
            return (true, null);
        }

        var secret = ClientSecret.Generate();
        await clients.AddSecret(client, secret, ct);
        auditLog.Add(new AuditEntry(AuditActions.RotateClientSecret, client.Id));
        await clients.Save(ct);
        return (true, secret);
    }
}
