
namespace Idoven.Identity.Clients;

/// <summary>A machine client, whose tokens have the <c>sub</c> <c>client:</c> and the id; or, with redirect URIs, one that people sign in through.</summary>
/// <param name="Id">Made by the service: the <c>client_id</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Scopes">What it may ask for.</param>
/// <param name="RedirectUris">Where people come back to after sign-in; empty for a machine client.</param>
/// <param name="PostLogoutRedirectUris">Where they come back to after sign-out.</param>
/// <param name="Public">Whether it has no secret.</param>
/// <param name="CreatedAt">Null for a client that was made on the host.</param>
/// <param name="LiveSecrets">Two while one is being rotated.</param>
/// <param name="Enabled">Whether it is given tokens.</param>
/// <param name="Enrolling">Whether it has no credential yet, and gets its first one with its enrolment token.</param>
/// <param name="DeviceFlow">Whether people sign in for it on another device than it runs on.</param>
/// <param name="Jwks">The public keys that it signs with instead of having a secret; null where it has one, or none.</param>
internal record ClientResponse(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris, bool Public,
    DateTimeOffset? CreatedAt, int LiveSecrets, bool Enabled, bool Enrolling, bool DeviceFlow, ClientKeys? Jwks)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","name":"Gateway of ward 7","scopes":["ecgs:read","ecgs:write"],
        "redirectUris":[],"postLogoutRedirectUris":[],"public":false,"createdAt":"2026-11-23T09:15:00+00:00",
        "liveSecrets":1,"enabled":true,"enrolling":false,"deviceFlow":false,"jwks":null}
        """;

    public static ClientResponse FromClient(RegisteredClient client) => new(
        client.Id, client.Registration.Name, client.Registration.Scopes, client.Registration.RedirectUris, client.Registration.PostLogoutRedirectUris,
        client.Registration.IsPublic, client.CreatedAt, client.LiveSecrets, client.IsEnabled, client.IsEnrolling, client.Registration.HasDeviceFlow,
        client.Registration.Keys);
}
