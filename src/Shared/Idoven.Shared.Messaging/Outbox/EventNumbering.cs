using System.Diagnostics.Metrics;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Operations;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>
/// Numbers unsent public events, without gaps and duplicates. The rows are locked first. Rows that another transaction has locked (a
/// deletion that is still open) are left for a later run, with all later events of their key.
/// </summary>
internal sealed class EventNumbering<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 200;
    private const int RepairedNumbers = 10_000;
    private readonly string schema;
    private readonly Counter<long> lockTimeouts;

    public EventNumbering(ModuleDatabase<TDb> database, IMeterFactory meters)
    {
        schema = database.Schema;
        lockTimeouts = meters.Create(ModuleGauges.MeterName).CreateCounter<long>(
            "outbox_lock_timeouts",
            description: "Turns of the relay that waited two seconds for a lock of another transaction and gave up.");
    }

    /// <summary>Numbers at most 200 events in one transaction of the leader.</summary>
    /// <returns>False if a lock was not released in two seconds: nothing is numbered, and the next run tries again.</returns>
    /// <exception cref="LeaseLostException">This host no longer leads.</exception>
    public async Task<bool> TryNumber(LeaderLease lease, CancellationToken ct)
    {
        try
        {
            return await lease.RunInTransaction(transaction => Number(transaction, ct), ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            lockTimeouts.Add(1, new KeyValuePair<string, object?>("module", schema));
            return false;
        }
    }

    /// <summary>Returns whether a number was about to be given twice.</summary>
    public static bool IsTwin(PostgresException e) =>
        e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "ix_outbox_sequence" };

    /// <summary>
    /// Repairs the numbers of a database on which a host of the first release has worked: a deletion at the same moment makes it leave the
    /// counter behind. The counter continues after the highest number. Each hole among the last numbers is filled with a copy of an event
    /// that reports nothing new, under an id of its own, which is sent like any other, so that no subscriber waits for it.
    /// </summary>
    /// <param name="type">The type of the last event of a key, of which a copy fills the holes.</param>
    /// <returns>The number of filled gaps.</returns>
    /// <exception cref="LeaseLostException">This host no longer leads.</exception>
    public Task<int> Repair(LeaderLease lease, string type, CancellationToken ct) => lease.RunInTransaction(
        async transaction =>
        {
            await using var repair = new NpgsqlBatch(transaction.Connection!, transaction) { Timeout = LeaderLease.StatementTimeout };
            repair.BatchCommands.Add(new(
                $"""
                insert into {schema}.outbox (message_id, key, type, is_public, body, created_at, sequence, attempts)
                select gen_random_uuid(), filling.key, filling.type, true, filling.body, filling.created_at, hole.number, 0
                from (
                  select generate_series(greatest(min(sequence), max(sequence) - {RepairedNumbers}), max(sequence)) as number
                  from {schema}.outbox where sequence is not null) as hole
                cross join lateral (
                  select key, type, body, created_at from {schema}.outbox
                  where type = $1 order by abs(coalesce(sequence, 0) - hole.number), id limit 1) as filling
                where not exists (select from {schema}.outbox as kept where kept.sequence = hole.number)
                """)
            {
                Parameters = { new() { Value = type } },
            });
            repair.BatchCommands.Add(new(
                $"update {schema}.event_sequence set last = greatest(last, (select coalesce(max(sequence), 0) from {schema}.outbox))"));
            await repair.ExecuteNonQueryAsync(ct);
            return (int)repair.BatchCommands[0].RecordsAffected;
        },
        ct);

    private async Task<bool> Number(NpgsqlTransaction transaction, CancellationToken ct)
    {
        var (last, ids) = await Lock(transaction, ct);
        if (ids.Length == 0)
        {
            return true;
        }

        await using var number = new NpgsqlBatch(transaction.Connection!, transaction) { Timeout = LeaderLease.StatementTimeout };
        number.BatchCommands.Add(new(
            $"""
            update {schema}.outbox as o set sequence = $1 + numbered.place
            from unnest($2) with ordinality as numbered(id, place) where o.id = numbered.id and o.sequence is null
            """)
        {
            Parameters = { new() { Value = last }, new() { Value = ids } },
        });
        number.BatchCommands.Add(
            new($"update {schema}.event_sequence set last = $1") { Parameters = { new() { Value = last + ids.Length } } });
        await number.ExecuteNonQueryAsync(ct);
        if (number.BatchCommands[0].RecordsAffected != ids.Length)
        {
            throw new InvalidOperationException(
                $"{ids.Length} events were locked, but {number.BatchCommands[0].RecordsAffected} were numbered.");
        }

        return true;
    }

    /// <summary>
    /// Locks the counter, then the oldest events that have no number. Rows that are inserted or deleted meanwhile are not included: the
    /// second statement sees the rows that were committed when the counter was locked.
    /// </summary>
    private async Task<(long Last, long[] Ids)> Lock(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var locking = new NpgsqlBatch(transaction.Connection!, transaction) { Timeout = LeaderLease.StatementTimeout };
        locking.BatchCommands.Add(new($"select last from {schema}.event_sequence for update"));
        locking.BatchCommands.Add(new(
            $"""
            with locked as materialized (
              select id, key from {schema}.outbox where sent_at is null and is_public and sequence is null
              order by id limit {BatchSize} for update skip locked)
            select id from locked as o where not exists (
              select from {schema}.outbox as earlier where earlier.key = o.key and earlier.id < o.id
                and earlier.is_public and earlier.sequence is null and earlier.id not in (select id from locked))
            order by id
            """));
        await using var reader = await locking.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var last = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var ids = new List<long>();
        while (await reader.ReadAsync(ct))
        {
            ids.Add(reader.GetInt64(0));
        }

        return (last, [.. ids]);
    }
}
