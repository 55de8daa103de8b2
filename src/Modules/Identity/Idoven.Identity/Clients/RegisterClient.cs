using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Common;
using Idoven.Identity.Rights;
using Idoven.Shared.Audit;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

internal sealed class RegisterClientHandler(
    IClients clients, IEnrolments enrolments, IIdentityAuditLog auditLog, TimeProvider clock)
{
    public const int MaxAddresses = 20;

    /// <summary>
    /// Registers a client. The service creates the id, so that no caller can choose the subject of a token. A machine client with access to
    /// ECGs gets no credential here, because the administrator would know it: it gets its first one with the enrolment token.
    /// </summary>
    /// <param name="key">The request's Idempotency-Key, or null; a repeated request registers no second client.</param>
    /// <returns>
    /// The client and its secret or enrolment, which cannot be read again; without them if the request is repeated, and without the client
    /// if it was deleted since.
    /// </returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    /// <exception cref="RequestKeyReusedException">The Idempotency-Key was used with another body.</exception>
    public Task<(RegisteredClient? Client, string? Secret, Enrolment? Enrolment)> Handle(
        ClientRegistration client, RequestKey? key, CancellationToken ct)
    {
        var isEnrolling = client.IsMachine && ScopesOfMachine.ReachEcgs(client.Scopes);
        return isEnrolling && client.Keys is not null
            ? throw new ClientRuleException(
                "/jwks", "Not accepted for a machine client with a scope for ECGs: it sends its keys itself, with its enrolment token.")
            : Register(client, client.IsMachine ? ScopesOfMachine.Grantable : ScopesOfRole.Grantable, isEnrolling, key, ct);
    }

    /// <summary>Registers a machine client, for the operator of the host, who may grant more scopes than an administrator.</summary>
    /// <param name="keys">The public keys that it signs with; null gives it a secret.</param>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    public async Task<(RegisteredClient Client, string? Secret)> RegisterOnHost(
        string name, IReadOnlyList<string> scopes, ClientKeys? keys, CancellationToken ct)
    {
        var registration = new ClientRegistration(name, scopes, [], [], IsPublic: false, HasDeviceFlow: false, keys);
        var (client, secret, _) = await Register(registration, ScopesOfMachine.OnHost, isEnrolling: false, key: null, ct);
        return (client!, secret);
    }

    private async Task<(RegisteredClient? Client, string? Secret, Enrolment? Enrolment)> Register(
        ClientRegistration client, IReadOnlyList<string> grantable, bool isEnrolling, RequestKey? key, CancellationToken ct)
    {
        ClientRules.CheckName(client.Name);
        ScopeRules.Check(client.Scopes, grantable);
        CheckAddresses(client);
        if (client.Keys is { } keys)
        {
            ClientRules.CheckKeys(client, keys);
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (key is not null && await clients.Claim(key, id, now, ct) is { } earlier)
        {
            return (await clients.Find(earlier.ToString(), ct), null, null);
        }

        var secret = client.IsPublic || client.Keys is not null || isEnrolling ? null : ClientSecret.Generate();
        var enrolment = isEnrolling ? Enrolment.Issue(now) : null;
        var registered = await clients.Add(id.ToString(), client, secret, now, ct);
        if (enrolment is not null)
        {
            await enrolments.Add(registered, enrolment, now, await clients.Begin(ct), ct);
        }

        auditLog.Add(new AuditEntry(AuditActions.RegisterClient, registered.Id));
        await clients.Save(ct);
        return (registered, secret, enrolment);
    }

    private static void CheckAddresses(ClientRegistration client)
    {
        if (client is { RedirectUris.Count: 0, PostLogoutRedirectUris.Count: > 0 })
        {
            throw new ClientRuleException(
                "/postLogoutRedirectUris", "Only together with redirectUris: other clients do not sign users in or out in a browser.");
        }

        if (client is { IsMachine: true, IsPublic: true })
        {
            throw new ClientRuleException("/public", "Only together with redirectUris or deviceFlow: a machine client has a credential.");
        }

        Check("/redirectUris", client.RedirectUris);
        Check("/postLogoutRedirectUris", client.PostLogoutRedirectUris);

        static void Check(string pointer, IReadOnlyList<string> uris)
        {
            if (uris.Count > MaxAddresses)
            {
                throw new ClientRuleException(pointer, $"At most {MaxAddresses} addresses.");
            }

            for (var i = 0; i < uris.Count; i++)
            {
                if (RedirectUri.FindError(uris[i]) is { } rule)
                {
                    throw new ClientRuleException($"{pointer}/{i}", rule);
                }

                if (uris.Take(i).Any(other => new Uri(other) == new Uri(uris[i])))
                {
                    throw new ClientRuleException($"{pointer}/{i}", "Each address only once.");
                }
            }
        }
    }
}

internal static class ClientRules
{
    /// <exception cref="ClientRuleException">The name breaks a rule.</exception>
    public static void CheckName(string name)
    {
        if (ClientName.FindError(name) is { } rule)
        {
            throw new ClientRuleException("/name", rule);
        }
    }

    /// <exception cref="ClientRuleException">A key breaks a rule, or the client is public.</exception>
    public static void CheckKeys(ClientRegistration client, ClientKeys keys)
    {
        if (client.IsPublic)
        {
            throw new ClientRuleException("/jwks", "Not accepted for a public client: it could not keep the private key.");
        }

        CheckKeys(keys);
    }

    /// <exception cref="ClientRuleException">A key breaks a rule.</exception>
    public static void CheckKeys(ClientKeys keys)
    {
        if (keys.FindError() is var (pointer, rule))
        {
            throw new ClientRuleException($"/jwks{pointer}", rule);
        }
    }
}

/// <summary>Specifies the caller that changes a client.</summary>
internal enum ClientChanger
{
    Administrator,

    /// <summary>The client itself, with a token that it got with its current credential.</summary>
    Client,

    /// <summary>The operator of the host.</summary>
    Host,
}

/// <summary>
/// Thrown if an administrator tries to change the credential of a client whose data the administrator must not have access to.
/// </summary>
internal sealed class ClientCredentialsException : Exception
{
    /// <exception cref="ClientCredentialsException">An administrator may not know a credential of this client.</exception>
    public static void ThrowIfGuarded(RegisteredClient client, ClientChanger by)
    {
        if (by == ClientChanger.Administrator && ScopesOfMachine.AreGuarded(client.Registration.Scopes))
        {
            throw new ClientCredentialsException();
        }
    }
}

internal static class ScopeRules
{
    /// <exception cref="ClientRuleException">There is no scope, a scope cannot be granted here, or a scope is repeated.</exception>
    public static void Check(IReadOnlyList<string> scopes, IReadOnlyList<string> grantable)
    {
        if (scopes.Count == 0)
        {
            throw new ClientRuleException("/scopes", "At least one scope.");
        }

        for (var i = 0; i < scopes.Count; i++)
        {
            if (!grantable.Contains(scopes[i]) || scopes.Take(i).Contains(scopes[i]))
            {
                var isOnHost = grantable == ScopesOfMachine.OnHost || grantable == ScopesOfRole.OnHost;
                var elsewhere = isOnHost ? "" : "; others are granted on the host";
                throw new ClientRuleException($"/scopes/{i}", $"One of {string.Join(", ", grantable)}, each only once{elsewhere}.");
            }
        }
    }
}

/// <summary>Thrown if a property of a client breaks a rule.</summary>
/// <param name="pointer">The JSON pointer of the property in the body.</param>
/// <param name="rule">The rule, as a message for the caller.</param>
internal sealed class ClientRuleException(string pointer, string rule) : Exception(rule)
{
    public string Pointer { get; } = pointer;
}
