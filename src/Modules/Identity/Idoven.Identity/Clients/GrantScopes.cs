using Idoven.Identity.Common;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>
/// Grants scopes on the host, from the next token on: to machine clients, and to applications, which may then ask users for access to
/// their ECGs or their account.
/// </summary>
internal sealed class GrantScopesHandler(IClients clients, IIdentityAuditLog auditLog)
{
    /// <summary>Adds scopes to those of the client.</summary>
    /// <returns>
    /// The client and, if it gets its first scope that is granted on the host only or for ECGs or accounts, its new secret: the earlier
    /// credentials expire, because the administrator that registered the client knows them. A public client has no secret. Null if the
    /// client does not exist.
    /// </returns>
    /// <exception cref="ClientRuleException">
    /// A scope cannot be granted to a machine client, or not to an application on the host.
    /// </exception>
    public async Task<(RegisteredClient Client, string? Secret)?> Grant(string id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Lock(id, scopes, ct) is not { } client)
        {
            return null;
        }

        var granted = WithScopes(client, client.Registration.Scopes.Union(scopes).Order(StringComparer.Ordinal));
        await clients.SetScopes(granted, ct);
        string? secret = null;
        if (!client.Registration.IsPublic
            && (IsNew(ScopesOfMachine.IncludeHostOnly) || IsNew(ScopesOfMachine.ReachEcgs) || IsNew(ScopesOfRole.ReachAccounts)))
        {
            secret = ClientSecret.Generate();
            await clients.SetSecret(granted, secret, ct);
        }

        auditLog.Add(new AuditEntry(AuditActions.GrantScopes, client.Id));
        await clients.Save(ct);
        return (granted, secret);

        bool IsNew(Func<IEnumerable<string>, bool> isTrue) => isTrue(granted.Registration.Scopes) && !isTrue(client.Registration.Scopes);
    }

    /// <summary>Removes scopes from those of the client. Tokens that it has are valid until they expire.</summary>
    /// <returns>Null if the client does not exist.</returns>
    public async Task<RegisteredClient?> Revoke(string id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Lock(id, scopes, ct) is not { } client)
        {
            return null;
        }

        var left = WithScopes(client, client.Registration.Scopes.Except(scopes));
        await clients.SetScopes(left, ct);
        auditLog.Add(new AuditEntry(AuditActions.RevokeScopes, client.Id));
        await clients.Save(ct);
        return left;
    }

    private async Task<RegisteredClient?> Lock(string id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { } client)
        {
            return null;
        }

        ScopeRules.Check(scopes, client.Registration.IsMachine ? ScopesOfMachine.OnHost : ScopesOfRole.OnHost);
        return client;
    }

    private static RegisteredClient WithScopes(RegisteredClient client, IEnumerable<string> scopes) =>
        client with { Registration = client.Registration with { Scopes = [.. scopes] } };
}
