using Idoven.Identity.Common;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Audit;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

internal sealed class RegisterClientHandler(
    IClients clients, IEnrolments enrolments, IIdentityAuditLog trail, TimeProvider clock)
{
    public const int MaxAddresses = 20;

    /// <summary>
    /// Makes the id too, so that no caller chooses the subject that a token speaks for. A machine client that may reach ECGs gets no credential
    /// here, which an administrator would know: it gets its first one with the enrolment token.
    /// </summary>
    /// <param name="key">The request's key, where the caller gave one: repeated, it registers no second client.</param>
    /// <returns>
    /// The client, and its secret or its enrolment, shown this once: null where the same request was carried out before. No client where that
    /// one is gone.
    /// </returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public Task<(RegisteredClient? Client, string? Secret, Enrolment? Enrolment)> Handle(
        ClientRegistration client, RequestKey? key, CancellationToken ct)
    {
        var isEnrolling = client.IsMachine && ScopesOfMachine.ReachEcgs(client.Scopes);
        return isEnrolling && client.Keys is not null
            ? throw new ClientRuleException(
                "/jwks", "Not of a machine client with a scope for ECGs: it sends its own keys with its enrolment token.")
            : Register(client, client.IsMachine ? ScopesOfMachine.Grantable : ScopesOfRole.Grantable, isEnrolling, key, ct);
    }

    /// <summary>A machine client on the host, whose operator may grant it more.</summary>
    /// <param name="keys">What it signs with; null gives it a secret.</param>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    public async Task<(RegisteredClient Client, string? Secret)> OnHost(string name, IReadOnlyList<string> scopes, ClientKeys? keys, CancellationToken ct)
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
            await enrolments.Add(registered, enrolment, now, ct);
        }

        trail.Add(new AuditEntry(AuditActions.RegisterClient, registered.Id));
        await clients.Save(ct);
        return (registered, secret, enrolment);
    }

    private static void CheckAddresses(ClientRegistration client)
    {
        if (client is { RedirectUris.Count: 0, PostLogoutRedirectUris.Count: > 0 })
        {
            throw new ClientRuleException("/postLogoutRedirectUris", "Only beside redirectUris: nobody signs in or out in a browser for another.");
        }

        if (client is { IsMachine: true, IsPublic: true })
        {
            throw new ClientRuleException("/public", "Only beside redirectUris or deviceFlow: a machine client keeps a secret.");
        }

        Check("/redirectUris", client.RedirectUris);
        Check("/postLogoutRedirectUris", client.PostLogoutRedirectUris);

        static void Check(string pointer, IReadOnlyList<string> uris)
        {
            if (uris.Count > MaxAddresses)
            {
                throw new ClientRuleException(pointer, $"At most {MaxAddresses}.");
            }

            for (var i = 0; i < uris.Count; i++)
            {
                if (RedirectUri.FindError(uris[i]) is { } rule)
                {
                    throw new ClientRuleException($"{pointer}/{i}", rule);
                }

                if (uris.Take(i).Any(other => new Uri(other) == new Uri(uris[i])))
                {
                    throw new ClientRuleException($"{pointer}/{i}", "Each once.");
                }
            }
        }
    }
}

internal static class ClientRules
{
    /// <exception cref="ClientRuleException">It is no name.</exception>
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
            throw new ClientRuleException("/jwks", "Not of a public client: it could not keep the private key.");
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

/// <summary>Who changes a client.</summary>
internal enum ClientChanger
{
    Administrator,

    /// <summary>The client itself, with a token that it got with its present credential.</summary>
    Client,

    /// <summary>The operator of the host.</summary>
    Host,
}

/// <summary>An administrator that gave a client its credential could act as the client.</summary>
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
    /// <exception cref="ClientRuleException">There is none, or one that can't be granted here, or one twice.</exception>
    public static void Check(IReadOnlyList<string> scopes, IReadOnlyList<string> grantable)
    {
        if (scopes.Count == 0)
        {
            throw new ClientRuleException("/scopes", "At least one.");
        }

        for (var i = 0; i < scopes.Count; i++)
        {
            if (!grantable.Contains(scopes[i]) || scopes.Take(i).Contains(scopes[i]))
            {
                var isOnHost = grantable == ScopesOfMachine.OnHost || grantable == ScopesOfRole.OnHost;
                var elsewhere = isOnHost ? "" : "; others are granted on the host";
                throw new ClientRuleException($"/scopes/{i}", $"One of {string.Join(", ", grantable)}, each once{elsewhere}.");
            }
        }
    }
}

/// <param name="pointer">Where in the body.</param>
/// <param name="rule">For whoever sent it.</param>
internal sealed class ClientRuleException(string pointer, string rule) : Exception(rule)
{
    public string Pointer { get; } = pointer;
}
