namespace Idoven.Identity.Consents;

/// <summary>What people have allowed clients, until they take it back, or the client or the person is deleted.</summary>
internal interface IConsents
{
    /// <returns>The consent in which all of these scopes were allowed to the client at once before; null where there is none.</returns>
    Task<Guid?> Find(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>On record, each time.</summary>
    Task<Guid> Grant(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>The one that there is, or one that is saved with what came of it.</summary>
    Task<Guid> Record(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>Nothing is allowed; that it was asked is on record.</summary>
    Task Deny(Guid accountId, string clientId);

    /// <returns>False where it was taken back.</returns>
    Task<bool> IsGranted(Guid consentId, CancellationToken ct);

    /// <summary>Whom the account's holder has allowed something, by name.</summary>
    Task<IReadOnlyList<AllowedClient>> List(Guid accountId, CancellationToken ct);

    /// <summary>Removes what the holder allowed the client, with every token that it got of them, in the open transaction.</summary>
    /// <returns>The consents that were; empty where the client was allowed nothing.</returns>
    Task<IReadOnlyList<Guid>> Withdraw(Guid accountId, string clientId, CancellationToken ct);
}

/// <param name="Scopes">All that it was allowed, be it at once or one after the other.</param>
/// <param name="Since">When it was first allowed something.</param>
/// <param name="LastUsedAt">When it last got a token; null where that is too long ago to be known, or never was.</param>
internal sealed record AllowedClient(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Since, DateTimeOffset? LastUsedAt);
