using Idoven.Identity.Domain;
using Idoven.Shared.Audit;
using Idoven.Shared.Http.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Application;

/// <summary>A second secret, so that a client can be given the new one while it still uses the old; the one before ends.</summary>
internal sealed class RotateClientSecretHandler(
    IClients clients, [FromKeyedServices(IdentityModule.Name)] IAuditTrail trail, TimeProvider clock)
{
    /// <param name="key">The request's key, where the caller gave one: repeated, it makes no second secret.</param>
    /// <returns>Whether there is such a client that has secrets, for one that is public or signs with a key has none; and the secret, which is shown this once: null where the same request made it before.</returns>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    /// <exception cref="ClientOfHostException">The client holds what only the host grants.</exception>
    public Task<(bool IsFound, string? Secret)> Handle(string id, RequestKey? key, CancellationToken ct) => Rotate(id, isOnHost: false, key, ct);

    /// <summary>The same on the host, for any client.</summary>
    public async Task<string?> OnHost(string id, CancellationToken ct) => (await Rotate(id, isOnHost: true, key: null, ct)).Secret;

    private async Task<(bool IsFound, string? Secret)> Rotate(string id, bool isOnHost, RequestKey? key, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { Registration: { IsPublic: false, Keys: null } } client)
        {
            return (false, null);
        }

        if (!isOnHost && ScopesOfMachine.IsHosts(client.Registration.Scopes))
        {
            throw new ClientOfHostException();
        }

        if (key is not null && await clients.Claim(key, client.Key, clock.GetUtcNow(), ct) is not null)
        {
            return (true, null);
        }

        var secret = ClientSecret.Make();
        await clients.AddSecret(client, secret, ct);
        trail.Add(new AuditEntry(Acts.RotateClientSecret, client.Id));
        await clients.Save(ct);
        return (true, secret);
    }
}

/// <summary>An administrator who were given its secret would read what no administrator may.</summary>
internal sealed class ClientOfHostException : Exception;
