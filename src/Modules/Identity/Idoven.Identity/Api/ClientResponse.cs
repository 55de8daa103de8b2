using Idoven.Identity.Application;

namespace Idoven.Identity.Api;

/// <summary>A machine client: the <c>sub</c> of its tokens is <c>client:</c> and the id.</summary>
/// <param name="CreatedAt">Absent for a client that was made on the host.</param>
/// <param name="LiveSecrets">Two while one is being rotated.</param>
internal record ClientResponse(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? CreatedAt, int LiveSecrets)
{
    public static ClientResponse Of(MachineClient client) => new(client.Id, client.Name, client.Scopes, client.CreatedAt, client.LiveSecrets);
}
