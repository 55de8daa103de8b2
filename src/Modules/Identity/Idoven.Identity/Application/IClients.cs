using Idoven.Shared.Http.Idempotency;

namespace Idoven.Identity.Application;

/// <summary>Machine clients: programs that act for themselves.</summary>
internal interface IClients
{
    /// <summary>In the transaction that <see cref="Save"/> commits.</summary>
    Task<MachineClient> Add(string id, string name, IReadOnlyList<string> scopes, string secret, DateTimeOffset now, CancellationToken ct);

    Task<MachineClient?> Find(string id, CancellationToken ct);

    /// <summary>In the order of their registration, from after the cursor on; one more than the limit where there is more.</summary>
    Task<IReadOnlyList<MachineClient>> List(Guid? after, int limit, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the client until then; null where there is none.</summary>
    Task<MachineClient?> Lock(string id, CancellationToken ct);

    /// <summary>Takes the request's key in the transaction that <see cref="Save"/> commits, and begins it where none is open.</summary>
    /// <param name="client">What this request is about to make or change.</param>
    /// <returns>What an earlier request under the key has made or changed; null where the key is new, and now this request's.</returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct);

    /// <summary>The locked client has one more secret; of more than two the oldest ends.</summary>
    Task AddSecret(MachineClient client, string secret, CancellationToken ct);

    /// <summary>Removes the locked client with its tokens.</summary>
    Task Remove(MachineClient client, CancellationToken ct);

    Task Save(CancellationToken ct);
}

/// <param name="Key">Its row, which pages are counted by.</param>
/// <param name="CreatedAt">Null for one that configuration made.</param>
internal sealed record MachineClient(Guid Key, string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? CreatedAt, int LiveSecrets);
