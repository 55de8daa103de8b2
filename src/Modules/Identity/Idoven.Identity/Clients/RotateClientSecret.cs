using Idoven.Identity.Common;
using Idoven.Shared.Audit;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>A second secret, so that a client can be given the new one while it still uses the old; the one before ends.</summary>
internal sealed class RotateClientSecretHandler(
    IClients clients, IIdentityAuditLog trail, TimeProvider clock)
{
    /// <param name="key">The request's key, where the caller gave one: repeated, it makes no second secret.</param>
    /// <returns>Whether there is such a client that has secrets, for one that is public or signs with a key has none; and the secret, which is shown this once: null where the same request made it before.</returns>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    /// <exception cref="ClientCredentialsException">An administrator may not know this client's secret.</exception>
    public Task<(bool IsFound, string? Secret)> Handle(string id, ClientChanger by, RequestKey? key, CancellationToken ct) =>
        Rotate(id, by, key, ct);

    /// <summary>The same on the host, for any client.</summary>
    public async Task<string?> OnHost(string id, CancellationToken ct) => (await Rotate(id, ClientChanger.Host, key: null, ct)).Secret;

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
        trail.Add(new AuditEntry(AuditActions.RotateClientSecret, client.Id));
        await clients.Save(ct);
        return (true, secret);
    }
}
