using Idoven.Shared.Web.Idempotency;

namespace Idoven.Identity.Clients;

/// <summary>Clients: programs that act for themselves, and applications that people sign in through.</summary>
internal interface IClients
{
    /// <summary>In the transaction that <see cref="Save"/> commits.</summary>
    /// <param name="secret">
    /// Null for a public client, which could not keep one, and for a client with keys; any other client without one is enrolling.
    /// </param>
    Task<RegisteredClient> Add(string id, ClientRegistration client, string? secret, DateTimeOffset now, CancellationToken ct);

    Task<RegisteredClient?> Find(string id, CancellationToken ct);

    /// <summary>Returns the scopes of tokens that the client is registered for; none if it does not exist or is disabled.</summary>
    Task<IReadOnlyList<string>> RegisteredScopes(string id, CancellationToken ct);

    /// <summary>In the order of their registration, from after the cursor on; one more than the limit where there is more.</summary>
    Task<IReadOnlyList<RegisteredClient>> List(Guid? after, int limit, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the client until then; null where there is none.</summary>
    Task<RegisteredClient?> Lock(string id, CancellationToken ct);

    /// <summary>Takes the request's key in the transaction that <see cref="Save"/> commits, and begins it where none is open.</summary>
    /// <param name="client">What this request is about to make or change.</param>
    /// <returns>What an earlier request under the key has made or changed; null where the key is new, and now this request's.</returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct);

    /// <summary>The locked client has one more secret; of more than two the oldest ends.</summary>
    Task AddSecret(RegisteredClient client, string secret, CancellationToken ct);

    /// <summary>The locked client has this secret, no other, and no key.</summary>
    Task SetSecret(RegisteredClient client, string secret, CancellationToken ct);

    /// <summary>The locked client may be granted these scopes, and no others.</summary>
    Task SetScopes(RegisteredClient client, CancellationToken ct);

    /// <summary>The locked client signs with these keys and has no secret any more; null leaves it with neither.</summary>
    Task SetKeys(RegisteredClient client, ClientKeys? keys, CancellationToken ct);

    /// <summary>What people call the locked client, whether it is given tokens, and its generation.</summary>
    /// <returns>The client as it is now.</returns>
    Task<RegisteredClient> Change(RegisteredClient client, CancellationToken ct);

    /// <summary>Removes the locked client with its tokens.</summary>
    Task Remove(RegisteredClient client, CancellationToken ct);

    Task Save(CancellationToken ct);
}

/// <param name="Key">Its row, which pages are counted by.</param>
/// <param name="CreatedAt">Null for one that configuration made.</param>
/// <param name="IsEnabled">Where not, it is to the token server as if it did not exist.</param>
/// <param name="IsEnrolling">It never had a credential: it gets its first one with an enrolment token, or on the host.</param>
/// <param name="Generation">Every token of an earlier one is refused.</param>
/// <param name="Version">Another after each change.</param>
internal sealed record RegisteredClient(
    Guid Key, string Id, ClientRegistration Registration, DateTimeOffset? CreatedAt, int LiveSecrets, bool IsEnabled, bool IsEnrolling,
    int Generation, string Version)
{
    /// <summary>Gets what users read on the pages: the name, or the id if an earlier version accepted a name that can deceive.</summary>
    public string ShownName => ClientName.FindError(Registration.Name) is null ? Registration.Name : Id;
}

/// <param name="RedirectUris">Where people who signed in are sent back to, compared character by character; empty for a machine client.</param>
/// <param name="PostLogoutRedirectUris">Where people who signed out may be sent.</param>
/// <param name="IsPublic">It runs where a secret would be everybody's: in a browser, on a phone.</param>
/// <param name="HasDeviceFlow">People sign in for it on another device than it runs on.</param>
/// <param name="Keys">What it signs with instead of having a secret; null where it has one.</param>
internal sealed record ClientRegistration(
    string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris, bool IsPublic,
    bool HasDeviceFlow = false, ClientKeys? Keys = null)
{
    /// <summary>It is one or the other: acts for itself, or has people sign in.</summary>
    public bool IsMachine => RedirectUris.Count == 0 && !HasDeviceFlow;
}
