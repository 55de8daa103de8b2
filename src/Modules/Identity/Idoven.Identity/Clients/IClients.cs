using Idoven.Shared.Data;
using Idoven.Shared.Web.Idempotency;

namespace Idoven.Identity.Clients;

/// <summary>The registered clients: machine clients, and applications that users sign in through.</summary>
internal interface IClients
{
    /// <summary>Begins the transaction that <see cref="Save"/> commits, or returns it if it is open.</summary>
    /// <returns>The transaction, for the methods of other ports that require it.</returns>
    Task<OpenTransaction> Begin(CancellationToken ct);

    /// <summary>Adds a client, in the transaction that <see cref="Save"/> commits.</summary>
    /// <param name="secret">
    /// Null for a public client, which could not keep it, and for a client with keys; any other client without a secret is enrolling.
    /// </param>
    Task<RegisteredClient> Add(string id, ClientRegistration client, string? secret, DateTimeOffset now, CancellationToken ct);

    Task<RegisteredClient?> Find(string id, CancellationToken ct);

    /// <summary>Returns the scopes of tokens that the client is registered for; none if it does not exist or is disabled.</summary>
    Task<IReadOnlyList<string>> RegisteredScopes(string id, CancellationToken ct);

    /// <summary>
    /// Returns the clients after the cursor, in the order of their registration: one more than the limit if there are more.
    /// </summary>
    Task<IReadOnlyList<RegisteredClient>> List(Guid? after, int limit, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the client until then.</summary>
    /// <returns>Null if the client does not exist.</returns>
    Task<RegisteredClient?> Lock(string id, CancellationToken ct);

    /// <summary>Claims the Idempotency-Key in the transaction that <see cref="Save"/> commits, and begins it if none is open.</summary>
    /// <param name="client">The client that this request is about to create or change.</param>
    /// <returns>The client that an earlier request with the key has created or changed; null if the key is new.</returns>
    /// <exception cref="RequestKeyReusedException">The key was used with another body.</exception>
    Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct);

    /// <summary>Adds a secret to the locked client. Of more than two, the oldest expires.</summary>
    Task AddSecret(RegisteredClient client, string secret, CancellationToken ct);

    /// <summary>Replaces the secrets and keys of the locked client by this secret.</summary>
    Task SetSecret(RegisteredClient client, string secret, CancellationToken ct);

    /// <summary>Replaces the scopes of the locked client by those of <paramref name="client"/>.</summary>
    Task SetScopes(RegisteredClient client, CancellationToken ct);

    /// <summary>Replaces the secrets and keys of the locked client by these keys; null leaves it without credentials.</summary>
    Task SetKeys(RegisteredClient client, ClientKeys? keys, CancellationToken ct);

    /// <summary>Changes the name of the locked client, whether it is enabled, and its generation.</summary>
    /// <returns>The client as it is now.</returns>
    Task<RegisteredClient> Change(RegisteredClient client, CancellationToken ct);

    /// <summary>Removes the locked client with its tokens, in the transaction that <see cref="Save"/> commits.</summary>
    Task Remove(RegisteredClient client, CancellationToken ct);

    /// <summary>Commits the transaction, or one of its own if none is open.</summary>
    Task Save(CancellationToken ct);
}

/// <summary>Represents a registered client.</summary>
/// <param name="Key">The id of its row, by which lists are ordered.</param>
/// <param name="CreatedAt">Null for a client that was not registered, such as a demo client.</param>
/// <param name="IsEnabled">The token server treats a client that is not enabled as if it did not exist.</param>
/// <param name="IsEnrolling">Whether it never had a credential: it gets its first one with an enrolment token, or on the host.</param>
/// <param name="Generation">Tokens of earlier generations are rejected.</param>
/// <param name="Version">Differs after each change.</param>
internal sealed record RegisteredClient(
    Guid Key, string Id, ClientRegistration Registration, DateTimeOffset? CreatedAt, int LiveSecrets, bool IsEnabled, bool IsEnrolling,
    int Generation, string Version)
{
    /// <summary>Gets what users read on the pages: the name, or the id if an earlier version accepted a name that can deceive.</summary>
    public string ShownName => ClientName.FindError(Registration.Name) is null ? Registration.Name : Id;
}

/// <summary>Represents the properties with which a client is registered.</summary>
/// <param name="RedirectUris">
/// The addresses that users may be sent back to after the sign-in, compared character by character; empty for a machine client.
/// </param>
/// <param name="PostLogoutRedirectUris">The addresses that users may be sent to after the sign-out.</param>
/// <param name="IsPublic">Whether it runs in a browser or on a phone, where it could not keep a secret.</param>
/// <param name="HasDeviceFlow">Whether users sign in for it on another device.</param>
/// <param name="Keys">The public keys that it signs with instead of sending a secret, or null.</param>
internal sealed record ClientRegistration(
    string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> PostLogoutRedirectUris,
    bool IsPublic,
    bool HasDeviceFlow = false, ClientKeys? Keys = null)
{
    /// <summary>Gets whether it acts for itself; any other client is an application that users sign in through.</summary>
    public bool IsMachine => RedirectUris.Count == 0 && !HasDeviceFlow;
}
