namespace Idoven.Identity.Application;

/// <summary>Clients: programs that act for themselves, and applications that people sign in through.</summary>
internal interface IClients
{
    /// <param name="secret">Null for a public client, which could not keep one.</param>
    Task<RegisteredClient> Add(string id, ClientRegistration client, string? secret, DateTimeOffset now, CancellationToken ct);

    Task<RegisteredClient?> Find(string id, CancellationToken ct);

    /// <summary>In the order of their registration, from after the cursor on; one more than the limit where there is more.</summary>
    Task<IReadOnlyList<RegisteredClient>> List(Guid? after, int limit, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the client until then; null where there is none.</summary>
    Task<RegisteredClient?> Lock(string id, CancellationToken ct);

    /// <summary>The locked client has one more secret; of more than two the oldest ends.</summary>
    Task AddSecret(RegisteredClient client, string secret, CancellationToken ct);

    /// <summary>Removes the locked client with its tokens.</summary>
    Task Remove(RegisteredClient client, CancellationToken ct);

    Task Save(CancellationToken ct);
}

/// <param name="Key">Its row, which pages are counted by.</param>
/// <param name="CreatedAt">Null for one that configuration made.</param>
internal sealed record RegisteredClient(Guid Key, string Id, ClientRegistration Registration, DateTimeOffset? CreatedAt, int LiveSecrets);

/// <param name="RedirectUris">Where people who signed in are sent back to, compared character by character; empty for a machine client.</param>
/// <param name="PostLogoutRedirectUris">Where people who signed out may be sent.</param>
/// <param name="IsPublic">It runs where a secret would be everybody's: in a browser, on a phone.</param>
internal sealed record ClientRegistration(
    string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris, bool IsPublic)
{
    /// <summary>It is one or the other: acts for itself, or has people sign in.</summary>
    public bool IsMachine => RedirectUris.Count == 0;
}
