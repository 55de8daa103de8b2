using Idoven.Shared.Data;

namespace Idoven.Identity.Consents;

/// <summary>
/// The consents of users for clients. A consent exists until the user withdraws it, or the client or the user is deleted.
/// </summary>
internal interface IConsents
{
    /// <summary>Finds a consent that includes all of the scopes.</summary>
    /// <returns>Null if there is none.</returns>
    Task<Guid?> Find(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>Finds or adds a consent, and saves it. Each call is recorded in the audit log.</summary>
    Task<Guid> Grant(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>
    /// Finds a consent, or adds one that is saved with the session that it leads to. Nothing is recorded in the audit log.
    /// </summary>
    Task<Guid> Record(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>Records in the audit log that the user denied the request.</summary>
    Task Deny(Guid accountId, string clientId);

    /// <returns>False if the consent was withdrawn.</returns>
    Task<bool> IsGranted(Guid consentId, CancellationToken ct);

    /// <summary>Returns the clients that the user has a consent for, ordered by name.</summary>
    Task<IReadOnlyList<AllowedClient>> List(Guid accountId, CancellationToken ct);

    /// <summary>Deletes the user's consents for the client, and all of the client's tokens of this user.</summary>
    /// <returns>The deleted consents; empty if there were none.</returns>
    Task<IReadOnlyList<Guid>> Withdraw(Guid accountId, string clientId, OpenTransaction transaction, CancellationToken ct);
}

/// <summary>Represents a client that a user has a consent for.</summary>
/// <param name="Scopes">The scopes of all consents together.</param>
/// <param name="Since">The time of the first consent.</param>
/// <param name="LastUsedAt">When the client last got a token; null if it never did, or too long ago to be known.</param>
internal sealed record AllowedClient(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Since, DateTimeOffset? LastUsedAt);
