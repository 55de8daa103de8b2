namespace Idoven.Identity.Application;

/// <summary>What people have allowed clients, until the client or the person is deleted.</summary>
internal interface IConsents
{
    /// <returns>True where all of these scopes were allowed to the client at once before.</returns>
    Task<bool> Cover(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>On record, each time.</summary>
    Task Give(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct);

    /// <summary>Nothing is allowed; that it was asked is on record.</summary>
    Task Deny(Guid accountId, string clientId);
}
