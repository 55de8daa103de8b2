using Idoven.Identity.Domain;

namespace Idoven.Identity.Application;

/// <summary>A second secret, so that a client can be given the new one while it still uses the old; the one before ends.</summary>
internal sealed class RotateClientSecretHandler(IClients clients)
{
    /// <returns>The secret, which is shown this once; null where there is no such client, or a public one, which has none.</returns>
    public async Task<string?> Handle(string id, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { Registration.IsPublic: false } client)
        {
            return null;
        }

        var secret = ClientSecret.Make();
        await clients.AddSecret(client, secret, ct);
        await clients.Save(ct);
        return secret;
    }
}
