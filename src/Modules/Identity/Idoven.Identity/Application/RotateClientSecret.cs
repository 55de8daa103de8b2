using Idoven.Identity.Domain;
using Idoven.Shared.Http.Idempotency;

namespace Idoven.Identity.Application;

/// <summary>A second secret, so that a client can be given the new one while it still uses the old; the one before ends.</summary>
internal sealed class RotateClientSecretHandler(IClients clients, TimeProvider clock)
{
    /// <param name="key">The request's key, where the caller gave one: repeated, it makes no second secret.</param>
    /// <returns>Whether there is such a client that has secrets, for a public one has none; and the secret, which is shown this once: null where the same request made it before.</returns>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<(bool IsFound, string? Secret)> Handle(string id, RequestKey? key, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { Registration.IsPublic: false } client)
        {
            return (false, null);
        }

        if (key is not null && await clients.Claim(key, client.Key, clock.GetUtcNow(), ct) is not null)
        {
            return (true, null);
        }

        var secret = ClientSecret.Make();
        await clients.AddSecret(client, secret, ct);
        await clients.Save(ct);
        return (true, secret);
    }
}
