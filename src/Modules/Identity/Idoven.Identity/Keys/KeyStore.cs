using System.Security.Cryptography;
using Idoven.Identity.Common;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Identity.Keys;

/// <summary>
/// Stores the keys in PostgreSQL, encrypted with the master key. They are changed in one transaction under a lock: if two hosts find the
/// same change to be due, the second finds it done. The audit entries are written in the same transaction. Nothing is changed if the master
/// key cannot decrypt the keys that stay, so the stored keys never need two master keys.
/// </summary>
internal sealed class KeyStore(
    ModuleDatabase<IdentityDbContext> database, IServiceScopeFactory scopes, MasterKey master, KeyLife life, TimeProvider clock,
    ILogger<KeyStore> logger)
    : IKeys
{
    private const int RsaBits = 2048;
    private const int AesBytes = 32;

    public async Task<IReadOnlyList<Key>> List(CancellationToken ct) => ToKeys(await Read(ct));

    public async Task<IReadOnlyList<Key>> Rotate(CancellationToken ct) => ToKeys((await Change(life.Rotate, [], reason: null, ct))!);

    public async Task<IReadOnlyList<Key>?> Revoke(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        var left = await Change(
            (keys, now) => ids.All(id => keys.Any(key => key.Id == id)) ? life.Revoke(keys, ids, now) : null, ids, reason: null, ct);
        return left is null ? null : ToKeys(left);
    }

    public async Task<IReadOnlyList<KeyRow>> Read(CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        return await Read(connection, ct);
    }

    public bool IsAnythingDue(IEnumerable<KeyRow> rows)
    {
        var keys = ToKeys(rows);
        return !keys.ToHashSet().SetEquals(life.Maintain(keys, clock.GetUtcNow()));
    }

    /// <summary>Makes the changes that are due.</summary>
    /// <param name="whileLocked">Runs under the lock, while no other host changes keys.</param>
    public async Task<IReadOnlyList<KeyRow>> Maintain(Action whileLocked, CancellationToken ct) => (await Change(
        (keys, now) =>
        {
            whileLocked();
            return life.Maintain(keys, now);
        },
        [],
        Reasons.Due,
        ct))!;

    public byte[] Open(KeyRow row) => master.Open(row.Sealed, CreatePurpose(row.Id, row.Use));

    private static List<Key> ToKeys(IEnumerable<KeyRow> rows) => [.. rows.Select(row => row.Key)];

    /// <param name="revoked">The ids of the keys that are revoked; other keys that are removed have expired.</param>
    /// <param name="reason">The reason for the audit log.</param>
    private async Task<IReadOnlyList<KeyRow>?> Change(
        Func<IReadOnlyList<Key>, DateTimeOffset, IReadOnlyList<Key>?> change, IReadOnlyCollection<Guid> revoked, string? reason,
        CancellationToken ct)
    {
        await using var scope = scopes.CreatePatientScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var auditLog = scope.ServiceProvider.GetRequiredService<IIdentityAuditLog>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.AllowIdleTransaction(ct);
        await Execute(connection, "select pg_advisory_xact_lock(hashtext('identity'), hashtext('keys'))", [], ct);
        var rows = await Read(connection, ct);
        var before = ToKeys(rows);
        if (change(before, clock.GetUtcNow()) is not { } after)
        {
            return null;
        }

        var kept = after.Select(key => key.Id).ToHashSet();
        foreach (var row in rows.Where(row => kept.Contains(row.Id)))
        {
            CryptographicOperations.ZeroMemory(Open(row));
        }

        foreach (var key in before.Where(key => !kept.Contains(key.Id)))
        {
            await Execute(connection, "delete from identity.keys where id = $1", [key.Id], ct);
            auditLog.Add(new AuditEntry(revoked.Contains(key.Id) ? AuditActions.RevokeKey : AuditActions.RemoveKey, $"{key.Id}", reason));
            logger.LogInformation("Removed the {Use} key {Id}", KeyRow.Name(key.Use), key.Id.ToString("N"));
        }

        // A unique index allows one active key of each use: the previous one is retired first.
        foreach (var key in after.Except(before).OrderByDescending(key => key.State))
        {
            var isNew = !before.Exists(known => known.Id == key.Id);
            await (isNew ? Insert(connection, key, ct) : Update(connection, key, ct));
            foreach (var action in FindAuditActions(key, isNew))
            {
                auditLog.Add(new AuditEntry(action, $"{key.Id}", reason));
            }

            logger.LogInformation("The {Use} key {Id} is now {State}", KeyRow.Name(key.Use), key.Id.ToString("N"), key.State);
        }

        await db.SaveChangesAsync(ct);
        var changed = await Read(connection, ct);
        await transaction.CommitAsync(ct);
        return changed;
    }

    private static IEnumerable<string> FindAuditActions(Key key, bool isNew)
    {
        if (isNew)
        {
            yield return AuditActions.MakeKey;
        }

        if (key.State != KeyState.Next)
        {
            yield return key.State == KeyState.Active ? AuditActions.ActivateKey : AuditActions.RetireKey;
        }
    }

    private static async Task<List<KeyRow>> Read(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select id, use, algorithm, created_at, activated_at, retired_at, sealed from identity.keys
            order by use desc, retired_at desc nulls first, activated_at nulls last
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<KeyRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new KeyRow(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset?>(4),
                reader.GetFieldValue<DateTimeOffset?>(5),
                reader.GetFieldValue<byte[]>(6)));
        }

        return rows;
    }

    private static Task Update(NpgsqlConnection connection, Key key, CancellationToken ct) => Execute(
        connection, "update identity.keys set activated_at = $2, retired_at = $3 where id = $1",
        [key.Id, key.ActivatedAt, key.RetiredAt], ct);

    private Task Insert(NpgsqlConnection connection, Key key, CancellationToken ct)
    {
        var plain = key.Use == KeyUse.Signing ? GenerateRsa() : RandomNumberGenerator.GetBytes(AesBytes);
        var use = KeyRow.Name(key.Use);
        var sealedBytes = master.Seal(plain, CreatePurpose(key.Id, use));
        CryptographicOperations.ZeroMemory(plain);
        return Execute(
            connection,
            """
            insert into identity.keys (id, use, algorithm, created_at, activated_at, retired_at, sealed)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            [key.Id, use, key.Algorithm, key.CreatedAt, key.ActivatedAt, key.RetiredAt, sealedBytes],
            ct);
    }

    private static byte[] GenerateRsa()
    {
        using var rsa = RSA.Create(RsaBits);
        return rsa.ExportPkcs8PrivateKey();
    }

    private static string CreatePurpose(Guid id, string use) => $"idoven key {id:N} {use}";

    private static async Task Execute(NpgsqlConnection connection, string sql, object?[] parameters, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = ModuleDatabaseExtensions.PatientCommandSeconds };
        command.Parameters.AddRange(parameters.Select(value => value switch
        {
            null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz },
            _ => new NpgsqlParameter { Value = value },
        }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }
}
