using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Clients;

/// <param name="Name">Null: as it is.</param>
/// <param name="Enabled">Null: as it is.</param>
/// <param name="Keys">Makes the new keys; null: as they are. Null of it leaves the client without credentials, until a secret is made.</param>
internal sealed record ChangeClient(string? Name, bool? Enabled, Func<ClientKeys?>? Keys);

/// <summary>
/// What is called, disabled, enabled or given other keys is the same client still: what it uploaded stays its own. Disabled, it gets no token,
/// and those that live are refused everywhere within a second; they stay refused when it is enabled again.
/// </summary>
internal sealed class ChangeClientHandler(
    IClients clients, IIdentityOutbox outbox, IIdentityAuditLog trail)
{
    /// <param name="isCurrent">Whether a version is the one that the caller has read.</param>
    /// <returns>Null where there is no such client.</returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    /// <exception cref="ClientStaleException">It was changed since the caller has read it.</exception>
    /// <exception cref="ClientCredentialsException">An administrator may not choose this client's keys.</exception>
    public Task<RegisteredClient?> Handle(
        string id, ClientChanger by, ChangeClient command, Func<string, bool> isCurrent, CancellationToken ct) => Change(id, by, command, isCurrent, ct);

    /// <summary>The same on the host, for any client.</summary>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    public Task<RegisteredClient?> OnHost(string id, ChangeClient command, CancellationToken ct) =>
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
            trail.Add(new AuditEntry(AuditActions.ChangeClient, client.Id));
            client = client with { Registration = client.Registration with { Name = name } };
        }

        if (command.Enabled is { } enabled && enabled != client.IsEnabled)
        {
            client = client with { IsEnabled = enabled, Generation = client.Generation + (enabled ? 0 : 1) };
            trail.Add(new AuditEntry(enabled ? AuditActions.EnableClient : AuditActions.DisableClient, client.Id));
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
            throw new ClientRuleException("/jwks", "Keys: without any credential the client could not change anything again.");
        }

        if (keys is not null)
        {
            ClientRules.CheckKeys(client.Registration, keys);
        }

        if (keys is not null || client.Registration.Keys is not null)
        {
            await clients.SetKeys(client, keys, ct);
            trail.Add(new AuditEntry(AuditActions.ReplaceClientKeys, client.Id));
        }
    }
}

internal sealed class ClientStaleException : Exception;
