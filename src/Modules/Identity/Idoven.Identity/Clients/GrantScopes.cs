using Idoven.Identity.Common;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>
/// On the host: what a machine client may do from its next token on, and whether an application may ask users for their ECGs or
/// their account.
/// </summary>
internal sealed class GrantScopesHandler(IClients clients, IIdentityAuditLog trail)
{
    /// <summary>Adds to what the client has.</summary>
    /// <returns>
    /// The client and, if it now first holds what only the host grants, or may first reach ECGs or accounts, its new secret: the user
    /// that registered it knows the ones before, and they expire. A public client has no secret. Null if there is no such client.
    /// </returns>
    /// <exception cref="ClientRuleException">
    /// A scope is none of a machine client's, or none that an application is granted on the host.
    /// </exception>
    public async Task<(RegisteredClient Client, string? Secret)?> Grant(string id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Lock(id, scopes, ct) is not { } client)
        {
            return null;
        }

        var granted = With(client, client.Registration.Scopes.Union(scopes).Order(StringComparer.Ordinal));
        await clients.SetScopes(granted, ct);
        string? secret = null;
        if (!client.Registration.IsPublic
            && (IsNew(ScopesOfMachine.IsHosts) || IsNew(ScopesOfMachine.ReachEcgs) || IsNew(ScopesOfRole.ReachAccounts)))
        {
            secret = ClientSecret.Generate();
            await clients.SetSecret(granted, secret, ct);
        }

        trail.Add(new AuditEntry(AuditActions.GrantScopes, client.Id));
        await clients.Save(ct);
        return (granted, secret);

        bool IsNew(Func<IEnumerable<string>, bool> holds) => holds(granted.Registration.Scopes) && !holds(client.Registration.Scopes);
    }

    /// <summary>Takes away from what the client has; a token that it holds lives its ten minutes.</summary>
    /// <returns>Null where there is no such client.</returns>
    public async Task<RegisteredClient?> Revoke(string id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Lock(id, scopes, ct) is not { } client)
        {
            return null;
        }

        var left = With(client, client.Registration.Scopes.Except(scopes));
        await clients.SetScopes(left, ct);
        trail.Add(new AuditEntry(AuditActions.RevokeScopes, client.Id));
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

    private static RegisteredClient With(RegisteredClient client, IEnumerable<string> scopes) =>
        client with { Registration = client.Registration with { Scopes = [.. scopes] } };
}
