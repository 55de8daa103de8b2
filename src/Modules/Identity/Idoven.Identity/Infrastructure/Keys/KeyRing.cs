using System.Globalization;
using System.Security.Cryptography;
using Idoven.Shared.Http;
using Idoven.Shared.Persistence;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Idoven.Identity.Infrastructure.Keys;

/// <summary>
/// The keys tokens are signed and encrypted with: made once, sealed, in PostgreSQL, the same on every host. They are there before
/// the host serves.
/// </summary>
internal sealed class KeyRing(
    ModuleDatabase<IdentityDbContext> database, MasterKey master, IDataProtectionProvider dataProtection, TimeProvider clock)
    : IHostedLifecycleService, ISigningKeys
{
    private const int RsaBits = 2048;
    private const int AesBytes = 32;
    private IReadOnlyList<RsaSecurityKey> signing = [];
    private IReadOnlyList<SymmetricSecurityKey> encryption = [];

    public IReadOnlyCollection<SecurityKey> Keys => signing;

    public IReadOnlyList<RsaSecurityKey> Signing => signing;

    public IReadOnlyList<SymmetricSecurityKey> Encryption => encryption;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);

        // Two hosts that start at once make one key: the second waits here and then finds it.
        await Execute(connection, "select pg_advisory_lock(hashtext('identity'), hashtext('keys'))", cancellationToken);
        try
        {
            var rows = await Read(connection, cancellationToken);
            foreach (var use in new[] { KeyRow.Signing, KeyRow.Encryption })
            {
                if (rows.All(row => row.Use != use))
                {
                    rows.Add(await Make(connection, use, cancellationToken));
                }
            }

            signing = [.. rows.Where(row => row.Use == KeyRow.Signing).Select(ToSigning)];
            encryption = [.. rows.Where(row => row.Use == KeyRow.Encryption).Select(ToEncryption)];

            // The framework's ring of cookie keys is made at its first use: here, while no other host does the same.
            dataProtection.CreateProtector("warm-up").Protect("");
        }
        finally
        {
            await Execute(connection, "select pg_advisory_unlock(hashtext('identity'), hashtext('keys'))", CancellationToken.None);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<List<KeyRow>> Read(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select id, use, algorithm, created_at, sealed from identity.keys order by created_at desc", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<KeyRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new KeyRow(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<byte[]>(4)));
        }

        return rows;
    }

    private async Task<KeyRow> Make(NpgsqlConnection connection, string use, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var (algorithm, plain) = use == KeyRow.Signing ? (SecurityAlgorithms.RsaSsaPssSha256, MakeRsa()) : (SecurityAlgorithms.Aes256KW, RandomNumberGenerator.GetBytes(AesBytes));
        var row = new KeyRow(id, use, algorithm, clock.GetUtcNow(), master.Seal(plain, Purpose(id, use)));
        CryptographicOperations.ZeroMemory(plain);
        await using var command = new NpgsqlCommand("insert into identity.keys (id, use, algorithm, created_at, sealed) values ($1, $2, $3, $4, $5)", connection);
        object[] values = [row.Id, row.Use, row.Algorithm, row.CreatedAt, row.Sealed];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
        return row;
    }

    private static byte[] MakeRsa()
    {
        using var rsa = RSA.Create(RsaBits);
        return rsa.ExportPkcs8PrivateKey();
    }

    private RsaSecurityKey ToSigning(KeyRow row)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(master.Open(row.Sealed, Purpose(row.Id, row.Use)), out _);
        return new RsaSecurityKey(rsa) { KeyId = row.Id.ToString("N", CultureInfo.InvariantCulture) };
    }

    private SymmetricSecurityKey ToEncryption(KeyRow row) =>
        new(master.Open(row.Sealed, Purpose(row.Id, row.Use))) { KeyId = row.Id.ToString("N", CultureInfo.InvariantCulture) };

    private static string Purpose(Guid id, string use) => $"idoven key {id:N} {use}";

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
