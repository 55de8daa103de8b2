using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.EntityFrameworkCore.Models;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>
/// Stores client secrets as SHA-256. They have 256 random bits, so a slow hash would not make them safer, and it was measured to limit the
/// rate of the token endpoint. Treats a disabled client like one that does not exist.
/// </summary>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<Client> cache, ILogger<OpenIddictApplicationManager<Client>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<Client> store)
    : OpenIddictApplicationManager<Client>(cache, logger, options, store)
{
    private const string Prefix = "sha256:";
    private const string ChangeOwnCredentials = OpenIddictConstants.Permissions.Prefixes.Scope + IdentityScopes.OwnClient;

    public static string ComputeHash(string secret) => Prefix + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>
    /// Returns null also for a disabled client, so that no endpoint can forget to check. An empty id, and an id with a NUL, which
    /// PostgreSQL does not store, never belong to a client.
    /// </summary>
    public override async ValueTask<Client?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken = default) =>
        identifier is { Length: > 0 }
        && !identifier.Contains('\0')
        && await base.FindByClientIdAsync(identifier, cancellationToken) is { } client
        && ClientState.Read(client.Properties).IsEnabled
            ? client
            : null;

    /// <summary>Allows every machine client the scope with which it changes its own credentials.</summary>
    public override ValueTask<bool> HasPermissionAsync(
        Client application, string permission, CancellationToken cancellationToken = default) =>
        base.HasPermissionAsync(
            application,
            permission == ChangeOwnCredentials ? OpenIddictConstants.Permissions.GrantTypes.ClientCredentials : permission,
            cancellationToken);

    protected override ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(ComputeHash(secret));

    /// <summary>Compares with each stored hash: two secrets are valid while one is being replaced.</summary>
    protected override ValueTask<bool> ValidateClientSecretAsync(
        string secret, string comparand, CancellationToken cancellationToken = default)
    {
        var hash = Encoding.ASCII.GetBytes(ComputeHash(secret));
        return ValueTask.FromResult(comparand.Split(' ').Any(
            stored => CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(stored))));
    }
}
