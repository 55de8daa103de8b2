using System.Globalization;
using System.Net;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Audit;

/// <summary>
/// Seals the committed audit rows that are due, every five seconds, on the leader of the module. If two hosts act as the leader, only one
/// can insert the seal of a number: the transaction of the other fails.
/// </summary>
internal sealed class AuditSealJob<TDb>(
    ModuleDatabase<TDb> database, SealKey key, SealSchedule<TDb> schedule, TimeProvider clock) : IBackgroundJob<TDb>
    where TDb : DbContext
{
    /// <summary>The maximum number of rows of one seal.</summary>
    public const int Most = 2000;

    private readonly string schema = database.Schema;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        var isFull = await Seal(ct) == Most;
        if (!isFull)
        {
            schedule.Next = clock.GetUtcNow() + SealSchedule<TDb>.Every;
        }

        return isFull;
    }

    /// <returns>The number of rows that were sealed.</returns>
    private async Task<int> Seal(CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var waiting = await Value<Guid[]>(
            connection,
            $"""
            with due as materialized (
              select id from {schema}.audit_unsealed where due_at <= clock_timestamp() order by id limit {Most} for update skip locked)
            select coalesce(array_agg(id), array[]::uuid[]) from due
            """,
            ct);
        if (waiting!.Length == 0)
        {
            return 0;
        }

        // A separate statement: it sees all rows that were committed before the locks were granted.
        var rows = await AuditRows.Read(connection, schema, waiting, ct);
        if (rows.Count > 0)
        {
            await Insert(connection, rows, ct);
        }

        await Execute(connection, $"delete from {schema}.audit_unsealed where id = any($1)", ct, waiting);
        await transaction.CommitAsync(ct);
        return waiting.Length;
    }

    private async Task Insert(NpgsqlConnection connection, IReadOnlyList<AuditRow> rows, CancellationToken ct)
    {
        var last = await Value<long?>(connection, $"select max(number) from {schema}.audit_seals", ct) ?? 0;
        var previous = last == 0
            ? new byte[AuditSeal.HashLength]
            : await Value<byte[]>(
                connection, $"select hash from {schema}.audit_seals where number = {last.ToString(CultureInfo.InvariantCulture)}", ct);
        var at = new DateTimeOffset(await Value<DateTime>(connection, "select clock_timestamp()", ct));
        Guid[] ids = [.. rows.Select(row => row.Id)];
        byte[] rowHashes = [.. rows.SelectMany(row => AuditSeal.HashOf(schema, row))];
        var hash = AuditSeal.HashOf(schema, last + 1, at, ids, rowHashes, previous!, key.Id);
        await Execute(
            connection,
            $"insert into {schema}.audit_seal_keys (id, public_key) values ($1, $2) on conflict do nothing", ct, key.Id, key.PublicKey);
        await Execute(
            connection,
            $"""
            insert into {schema}.audit_seals (number, at, ids, row_hashes, previous, key_id, hash, signature)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            ct, last + 1, at, ids, rowHashes, previous!, key.Id, hash, key.Sign(hash));
    }

    private static async Task<T?> Value<T>(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct) is T value ? value : default;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>The time of the next seal of a module.</summary>
internal sealed class SealSchedule<TDb>
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    public DateTimeOffset Next { get; set; }
}

/// <summary>Removes seals whose rows were removed by age, with a function of the owning role.</summary>
internal sealed record SealRetention<TDb>(int KeepDays) : RetentionRule<TDb>("audit_seals", "number", "")
{
    public override string Removal(string schema, int batch) =>
        string.Create(CultureInfo.InvariantCulture, $"select {schema}.prune_audit_seals({KeepDays}, {batch})");
}

/// <summary>Reads audit rows as they are stored, for their hashes.</summary>
internal static class AuditRows
{
    /// <returns>The rows with these ids that exist, in the order of their ids.</returns>
    public static async Task<IReadOnlyList<AuditRow>> Read(NpgsqlConnection connection, string schema, Guid[] ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id, at, action, outcome, reason, subject, client_id, target, session_id, address, trace_id, count
            from {schema}.audit where id = any($1) order by id
            """,
            connection)
        {
            Parameters = { new() { Value = ids } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<AuditRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new AuditRow
            {
                Id = reader.GetGuid(0),
                At = reader.GetFieldValue<DateTimeOffset>(1),
                Action = reader.GetString(2),
                Outcome = reader.GetString(3),
                Reason = Text(reader, 4),
                Subject = Text(reader, 5),
                ClientId = Text(reader, 6),
                Target = Text(reader, 7),
                SessionId = reader.IsDBNull(8) ? null : reader.GetGuid(8),
                Address = reader.IsDBNull(9) ? null : reader.GetFieldValue<IPAddress>(9),
                TraceId = Text(reader, 10),
                Count = reader.GetInt32(11),
            });
        }

        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
