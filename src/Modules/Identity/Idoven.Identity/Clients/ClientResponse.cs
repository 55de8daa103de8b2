
namespace Idoven.Identity.Clients;

/// <summary>
/// A machine client, whose tokens have <c>client:</c> and the id as <c>sub</c>; or, with redirect URIs or the device flow, an application
/// that users sign in through.
/// </summary>
/// <param name="Id">The <c>client_id</c>, created by the service.</param>
/// <param name="Name">The name that users read.</param>
/// <param name="Scopes">The scopes that the client may request.</param>
/// <param name="RedirectUris">The addresses that users may be sent back to after the sign-in; empty for a machine client.</param>
/// <param name="PostLogoutRedirectUris">The addresses that users may be sent back to after the sign-out.</param>
/// <param name="Public">Whether the client has no credential, because it could not keep it secret.</param>
/// <param name="CreatedAt">Null for a client that was created on the host.</param>
/// <param name="LiveSecrets">How many secrets are valid: two while one is being rotated.</param>
/// <param name="Enabled">Whether the client gets tokens.</param>
/// <param name="Enrolling">Whether the client has no credential yet, and gets its first one with its enrolment token.</param>
/// <param name="DeviceFlow">Whether users sign in for the client on another device.</param>
/// <param name="Jwks">The public keys that the client signs with; null if it has a secret or no credential.</param>
internal record ClientResponse(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris,
    bool Public, DateTimeOffset? CreatedAt, int LiveSecrets, bool Enabled, bool Enrolling, bool DeviceFlow, ClientKeys? Jwks)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","name":"Gateway of ward 7","scopes":["ecgs:read","ecgs:write"],
        "redirectUris":[],"postLogoutRedirectUris":[],"public":false,"createdAt":"2026-11-23T09:15:00+00:00",
        "liveSecrets":1,"enabled":true,"enrolling":false,"deviceFlow":false,"jwks":null}
        """;

    public static ClientResponse FromClient(RegisteredClient client) => new(
        client.Id, client.Registration.Name, client.Registration.Scopes, client.Registration.RedirectUris,
        client.Registration.PostLogoutRedirectUris, client.Registration.IsPublic, client.CreatedAt,
        client.LiveSecrets, client.IsEnabled, client.IsEnrolling,
        client.Registration.HasDeviceFlow,
        client.Registration.Keys);
}
