using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <summary>Represents a change of a client.</summary>
/// <param name="Name">Null leaves the name unchanged.</param>
/// <param name="Enabled">Null leaves it unchanged.</param>
/// <param name="Keys">
/// Returns the new keys; null leaves the keys unchanged. If it returns null, the client has no credentials until a secret is created.
/// </param>
internal sealed record ChangeClient(string? Name, bool? Enabled, Func<ClientKeys?>? Keys);

/// <summary>
/// Renames, disables or enables a client, or replaces its keys. It stays the same client and keeps what it owns. A disabled client gets no
/// tokens, and all modules reject its existing ones within a second; they stay revoked when the client is enabled again.
/// </summary>
internal sealed class ChangeClientHandler(
    IClients clients, IIdentityOutbox outbox, IIdentityAuditLog auditLog)
{
    /// <param name="isCurrent">Returns whether a version is the one that the caller has read.</param>
    /// <returns>Null if the client does not exist.</returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    /// <exception cref="ClientStaleException">The client was changed since the caller has read it.</exception>
    /// <exception cref="ClientCredentialsException">An administrator may not choose this client's keys.</exception>
    public Task<RegisteredClient?> Handle(
        string id, ClientChanger by, ChangeClient command, Func<string, bool> isCurrent, CancellationToken ct) =>
        Change(id, by, command, isCurrent, ct);

    /// <summary>Changes any client, for the operator of the host.</summary>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    public Task<RegisteredClient?> ChangeOnHost(string id, ChangeClient command, CancellationToken ct) =>
        Change(id, ClientChanger.Host, command, _ => true, ct);

    private async Task<RegisteredClient?> Change(
        string id, ClientChanger by, ChangeClient command, Func<string, bool> isCurrent, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { } client)
        {
            return null;
        }

        if (!isCurrent(client.Version))
        {
            throw new ClientStaleException();
        }

        if (command.Keys is { } makeKeys)
        {
            await SetKeys(client, makeKeys(), by, ct);
        }

        if (command.Name is { } name && name != client.Registration.Name)
        {
            ClientRules.CheckName(name);
            auditLog.Add(new AuditEntry(AuditActions.ChangeClient, client.Id));
            client = client with { Registration = client.Registration with { Name = name } };
        }

        if (command.Enabled is { } enabled && enabled != client.IsEnabled)
        {
            client = client with { IsEnabled = enabled, Generation = client.Generation + (enabled ? 0 : 1) };
            auditLog.Add(new AuditEntry(enabled ? AuditActions.EnableClient : AuditActions.DisableClient, client.Id));
            if (!enabled)
            {
                outbox.Add(new SessionsRevoked($"client:{client.Id}", SessionId: null, client.Generation), client.Key);
            }
        }

        client = await clients.Change(client, ct);
        await clients.Save(ct);
        return client;
    }

    private async Task SetKeys(RegisteredClient client, ClientKeys? keys, ClientChanger by, CancellationToken ct)
    {
        ClientCredentialsException.ThrowIfGuarded(client, by);
        if (keys is null && by == ClientChanger.Client)
        {
            throw new ClientRuleException(
                "/jwks", "null is not accepted from the client itself: without a credential it could not get a token again.");
        }

        if (keys is not null)
        {
            ClientRules.CheckKeys(client.Registration, keys);
        }

        if (keys is not null || client.Registration.Keys is not null)
        {
            await clients.SetKeys(client, keys, ct);
            auditLog.Add(new AuditEntry(AuditActions.ReplaceClientKeys, client.Id));
        }
    }
}

internal sealed class ClientStaleException : Exception;
