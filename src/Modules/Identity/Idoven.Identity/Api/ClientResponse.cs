using Idoven.Identity.Application;

namespace Idoven.Identity.Api;

/// <summary>A machine client, whose tokens have the <c>sub</c> <c>client:</c> and the id; or, with redirect URIs, one that people sign in through.</summary>
/// <param name="Public">Whether it has no secret.</param>
/// <param name="CreatedAt">Absent for a client that was made on the host.</param>
/// <param name="LiveSecrets">Two while one is being rotated.</param>
internal record ClientResponse(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris, bool Public,
    DateTimeOffset? CreatedAt, int LiveSecrets)
{
    public static ClientResponse Of(RegisteredClient client) => new(
        client.Id, client.Registration.Name, client.Registration.Scopes, client.Registration.RedirectUris, client.Registration.PostLogoutRedirectUris,
        client.Registration.IsPublic, client.CreatedAt, client.LiveSecrets);
}
