using System.Globalization;
using System.Security.Cryptography;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace Idoven.Identity.Keys;

/// <summary>
/// Holds the decrypted keys in memory. They are read before the host accepts requests, and then again every second; each reading makes the
/// changes that are due, and after a change OpenIddict reloads its options.
/// </summary>
internal sealed class KeyRing(KeyStore stored, IDataProtectionProvider dataProtection, TimeProvider clock)
    : IssuerKeys(clock), IHostedLifecycleService, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private IReadOnlyList<(Key Key, SecurityKey Opened)> ring = [];
    private ConfigurationReloadToken changed = new();

    public override TimeSpan ReadEvery => TimeSpan.FromSeconds(1);

    string IOptionsChangeTokenSource<OpenIddictServerOptions>.Name => Options.DefaultName;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Data Protection creates its keys at their first use: here, under the lock, so that two hosts do not do it at the same time.
        await stored.Maintain(whileLocked: () => dataProtection.CreateProtector("warm-up").Protect(""), cancellationToken);
        await ReadAgain(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sets the keys of OpenIddict, which signs and encrypts with the first of each use.</summary>
    public void Apply(OpenIddictServerOptions options)
    {
        options.SigningCredentials.AddRange(KeysFor(KeyUse.Signing).Select(key =>
            new SigningCredentials(key, SecurityAlgorithms.RsaSsaPssSha256)));
        options.EncryptionCredentials.AddRange(KeysFor(KeyUse.Encryption).Select(key =>
            new EncryptingCredentials(key, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512)));
        options.TokenValidationParameters.ConfigurationManager = this;
    }

    IChangeToken IOptionsChangeTokenSource<OpenIddictServerOptions>.GetChangeToken() => changed;

    protected override async Task<BaseConfiguration> Read(BaseConfiguration known, CancellationToken ct)
    {
        var rows = await stored.Read(ct);
        if (stored.IsAnythingDue(rows))
        {
            rows = await stored.Maintain(whileLocked: () => { }, ct);
        }

        if (rows.Select(row => row.Key).SequenceEqual(ring.Select(entry => entry.Key)))
        {
            return known;
        }

        var before = ring.ToDictionary(entry => entry.Key.Id, entry => entry.Opened);
        ring = [.. rows.Select(row => (row.Key, before.GetValueOrDefault(row.Id) ?? Open(row)))];
        Interlocked.Exchange(ref changed, new ConfigurationReloadToken()).OnReload();
        return new KeySet(KeysFor(KeyUse.Signing), KeysFor(KeyUse.Encryption));
    }

    private IEnumerable<SecurityKey> KeysFor(KeyUse use) =>
        ring.Where(entry => entry.Key.Use == use).Select(entry => entry.Opened);

    private SecurityKey Open(KeyRow row)
    {
        var id = row.Id.ToString("N", CultureInfo.InvariantCulture);
        var secret = stored.Open(row);
        if (row.Use == KeyRow.Encryption)
        {
            return new SymmetricSecurityKey(secret) { KeyId = id };
        }

        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(secret, out _);
        CryptographicOperations.ZeroMemory(secret);
        return new RsaSecurityKey(rsa) { KeyId = id };
    }
}
