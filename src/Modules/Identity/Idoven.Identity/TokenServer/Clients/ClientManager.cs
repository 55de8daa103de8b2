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
/// Client secrets are 256 random bits, which nobody guesses: SHA-256 keeps them as safe as a slow hash does, and was measured to be
/// what the token endpoint's rate hangs on.
/// </summary>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<Client> cache, ILogger<OpenIddictApplicationManager<Client>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<Client> store)
    : OpenIddictApplicationManager<Client>(cache, logger, options, store)
{
    private const string Prefix = "sha256:";
    private const string ChangeItself = OpenIddictConstants.Permissions.Prefixes.Scope + IdentityScopes.OwnClient;

    public static string HashOf(string secret) => Prefix + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>
    /// A client that is disabled is to every endpoint as one that does not exist: none can forget to ask. An empty id, and one with a
    /// NUL, which no text in the database has, is no client's.
    /// </summary>
    public override async ValueTask<Client?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken = default) =>
        identifier is { Length: > 0 }
        && !identifier.Contains('\0')
        && await base.FindByClientIdAsync(identifier, cancellationToken) is { } client
        && ClientState.Read(client.Properties).IsEnabled
            ? client
            : null;

    /// <summary>Every machine client may ask for a token with which it changes its own credentials.</summary>
    public override ValueTask<bool> HasPermissionAsync(Client application, string permission, CancellationToken cancellationToken = default) =>
        base.HasPermissionAsync(
            application,
            permission == ChangeItself ? OpenIddictConstants.Permissions.GrantTypes.ClientCredentials : permission,
            cancellationToken);

    protected override ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(HashOf(secret));

    /// <summary>Two secrets may live, while a client is given the new one: their hashes stand side by side.</summary>
    protected override ValueTask<bool> ValidateClientSecretAsync(string secret, string comparand, CancellationToken cancellationToken = default)
    {
        var hash = Encoding.ASCII.GetBytes(HashOf(secret));
        return ValueTask.FromResult(comparand.Split(' ').Any(live => CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(live))));
    }
}
