using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Messaging;

/// <summary>
/// Sends what the outbox holds. No transaction is open while it publishes; a row is marked after the broker has confirmed it, so a
/// crash in between sends it twice under one id, and the inbox makes that one effect.
/// </summary>
internal sealed class OutboxRelay<TDb>(ModuleDatabase<TDb> database, ModuleMessaging<TDb> module, Publisher publisher, ILogger<OutboxRelay<TDb>> logger)
    : IDueWork<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 200;
    private const int ParkAfter = 10;
    private readonly string outbox = $"{database.Schema}.outbox";

    public async Task<bool> Do(CancellationToken ct)
    {
        if (publisher.IsAway)
        {
            return false;
        }

        await Number(ct);
        var rows = await Unsent(ct);
        if (rows.Count == 0)
        {
            return false;
        }

        var batch = new Batch();

        // Public events leave in the order of their numbers. Messages leave in waves, one row a key, so that a row which fails
        // holds back the later rows of its key and nothing else.
        await Send([.. rows.Where(row => row.Sequence is not null).OrderBy(row => row.Sequence)], batch, ct);
        var waiting = rows.Where(row => row.Sequence is null).GroupBy(row => row.Key).Select(key => new Queue<OutboxMessage>(key)).ToList();
        while (waiting.Count > 0)
        {
            await Send([.. waiting.Select(key => key.Dequeue()).OrderBy(row => row.Id)], batch, ct);
            waiting.RemoveAll(key => key.Count == 0 || batch.HeldBack.Contains(key.Peek().Key));
        }

        await Mark(batch, ct);
        return batch.Sent.Count == BatchSize;
    }

    private async Task Send(IReadOnlyList<OutboxMessage> rows, Batch batch, CancellationToken ct)
    {
        if (rows.Count == 0 || publisher.IsAway)
        {
            batch.HeldBack.UnionWith(rows.Select(row => row.Key));
            return;
        }

        var refused = new List<OutboxMessage>();
        await using var channel = await publisher.Open(ct);
        foreach (var (row, confirmation) in rows.Select(row => (row, Publish(channel, row, ct))).ToList())
        {
            try
            {
                await confirmation;
                batch.Sent.Add(row.Id);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                batch.HeldBack.Add(row.Key);
                if (!publisher.IsAway && (channel.IsOpen || rows.Count == 1))
                {
                    batch.Failed.Add((row.Id, e.Message));
                    logger.LogWarning("{Module}: outbox row {Id} was not taken by the broker: {Error}", module.Module, row.Id, e.Message);
                }
                else
                {
                    // The broker went away, or closed the channel for one row's sake: that is no fault of this one.
                    refused.Add(row);
                }
            }
        }

        if (rows.Count > 1 && !publisher.IsAway)
        {
            foreach (var row in refused)
            {
                await Send([row], batch, ct);
            }
        }
    }

    private async Task Publish(Publishing channel, OutboxMessage row, CancellationToken ct)
    {
        var contract = module.Contracts.Of(row.Type);
        using var span = Spans.Publish(contract.IsPublic ? Wire.EventsExchange : contract.Exchange, row);
        var wire = contract.IsPublic ? Wire.ToEverybody(contract, row, module.Module) : Wire.ToModules(contract, row);

        // A message between modules must reach a queue. An event may have no subscriber: the feed keeps it.
        await channel.Send(wire, mandatory: !contract.IsPublic, ct);
    }

    /// <summary>Gives unsent public events their numbers. The counter's row is locked, so numbers have no gap and no twin.</summary>
    private async Task Number(CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        await using var any = new NpgsqlCommand($"select exists (select from {outbox} where sent_at is null and is_public and sequence is null)", connection);
        if (await any.ExecuteScalarAsync(ct) is not true)
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var number = new NpgsqlCommand(
            $"""
            with counter as (select last from {database.Schema}.event_sequence for update),
            unnumbered as (
              select id, row_number() over (order by id) as place
              from (select id from {outbox} where sent_at is null and is_public and sequence is null order by id limit {BatchSize}) as oldest),
            numbered as (
              update {outbox} as o set sequence = counter.last + unnumbered.place
              from unnumbered, counter where o.id = unnumbered.id returning 1)
            update {database.Schema}.event_sequence set last = last + (select count(*) from numbered)
            """, connection, transaction);
        await number.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<List<OutboxMessage>> Unsent(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select id, message_id, key, type, body, traceparent, created_at, sequence from {outbox} as o
            where sent_at is null and parked_at is null and (next_attempt_at is null or next_attempt_at <= now())
              and (not is_public or sequence is not null)
              and not exists (
                select from {outbox} as earlier
                where earlier.key = o.key and earlier.is_public = o.is_public and earlier.id < o.id and earlier.sent_at is null
                  and (earlier.parked_at is not null or earlier.next_attempt_at > now()))
            order by id limit {BatchSize}
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<OutboxMessage>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(OutboxMessage.Read(reader));
        }

        return rows;
    }

    private async Task Mark(Batch batch, CancellationToken ct)
    {
        if (batch.Sent.Count > 0)
        {
            await using var command = database.Background.CreateCommand($"update {outbox} set sent_at = now() where id = any($1)");
            command.Parameters.Add(new() { Value = batch.Sent.ToArray() });
            await command.ExecuteNonQueryAsync(ct);
        }

        if (batch.Failed.Count > 0)
        {
            await using var command = database.Background.CreateCommand(
                $"""
                update {outbox} as o set attempts = attempts + 1, last_error = left(failure.error, 300),
                  next_attempt_at = now() + least(power(2, attempts), 300) * interval '1 second',
                  parked_at = case when attempts + 1 >= {ParkAfter} then now() end
                from unnest($1, $2) as failure(id, error) where o.id = failure.id
                """);
            command.Parameters.Add(new() { Value = batch.Failed.Select(failure => failure.Id).ToArray() });
            command.Parameters.Add(new() { Value = batch.Failed.Select(failure => failure.Error).ToArray() });
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private sealed class Batch
    {
        public List<long> Sent { get; } = [];

        public List<(long Id, string Error)> Failed { get; } = [];

        public HashSet<Guid> HeldBack { get; } = [];
    }
}
