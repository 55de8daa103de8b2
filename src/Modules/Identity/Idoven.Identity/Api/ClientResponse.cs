using Idoven.Identity.Application;

namespace Idoven.Identity.Api;

/// <summary>A machine client: the <c>sub</c> of its tokens is <c>client:</c> and the id.</summary>
/// <param name="Id">Made by the service: the <c>client_id</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Scopes">What it may ask for.</param>
/// <param name="CreatedAt">Null for a client that was made on the host.</param>
/// <param name="LiveSecrets">Two while one is being rotated.</param>
internal record ClientResponse(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? CreatedAt, int LiveSecrets)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","name":"Gateway of ward 7","scopes":["ecgs:read","ecgs:write"],"createdAt":"2026-11-23T09:15:00+00:00","liveSecrets":1}
        """;

    public static ClientResponse Of(MachineClient client) => new(client.Id, client.Name, client.Scopes, client.CreatedAt, client.LiveSecrets);
}
