using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>
/// Sends the rows of the outbox, as long as the lease of the leader is valid. A batch is published only after a renewal of the lease has
/// committed, so nothing is sent while the database cannot store the results. A row is marked after the broker has confirmed it: a crash in
/// between sends it twice with the same id, and the inbox makes that one effect.
/// </summary>
internal sealed class OutboxRelay<TDb>(
    LeaderLease lease,
    ModuleDatabase<TDb> database,
    ModuleMessaging<TDb> module,
    EventNumbering<TDb> numbering,
    Publisher publisher,
    ILogger<OutboxRelay<TDb>> logger)
    : IAsyncDisposable
    where TDb : DbContext
{
    private const int BatchSize = 200;
    private readonly string outbox = $"{database.Schema}.outbox";
    private readonly SendResults results = new(database.Schema);

    // A channel costs more than a message, so it is kept as long as every message on it is confirmed.
    private Publishing? channel;

    /// <summary>Numbers, publishes and marks one batch.</summary>
    /// <returns>True if more may be waiting, so that the next batch follows at once.</returns>
    /// <exception cref="LeaseLostException">This host no longer leads.</exception>
    public async Task<bool> SendBatch(CancellationToken ct)
    {
        await results.Write(lease, ct);
        if (!publisher.IsAvailable || results.IsFull)
        {
            return false;
        }

        var waiting = await FindWaiting(ct);
        var hasRenewed = waiting.HasUnnumbered && await TryNumber(ct);
        var rows = waiting.Any ? await ReadUnsent(waiting, ct) : [];
        if (rows.Count == 0)
        {
            return false;
        }

        if (!hasRenewed)
        {
            await lease.Renew(ct);
        }

        var batch = new Batch();

        // Public events leave in the order of their numbers. Messages leave in waves, one row a key, so that a row which fails
        // holds back the later rows of its key and nothing else.
        await Send([.. rows.Where(row => row.Sequence is not null).OrderBy(row => row.Sequence)], batch, ct);
        var queues = rows.Where(row => row.Sequence is null).GroupBy(row => row.Key).Select(key => new Queue<OutboxMessage>(key)).ToList();
        while (queues.Count > 0)
        {
            await Send([.. queues.Select(key => key.Dequeue()).OrderBy(row => row.Id)], batch, ct);
            queues.RemoveAll(key => key.Count == 0 || batch.HeldBack.Contains(key.Peek().Key));
        }

        await results.Write(lease, ct);
        return batch.Sent == BatchSize;
    }

    public ValueTask DisposeAsync() => CloseChannel();

    private async Task<bool> TryNumber(CancellationToken ct)
    {
        try
        {
            return await numbering.TryNumber(lease, ct);
        }
        catch (PostgresException e) when (EventNumbering<TDb>.IsTwin(e))
        {
            var filled = await numbering.Repair(lease, module.Contracts.Public.Single(contract => contract.IsLast).Type.FullName!, ct);
            logger.LogWarning(
                "{Module}: the counter of event numbers was too low, as after a host of the first release. "
                + "It was set to the highest number, and {Holes} missing numbers were filled.",
                module.Module, filled);
            return false;
        }
    }

    private async Task Send(IReadOnlyList<OutboxMessage> rows, Batch batch, CancellationToken ct)
    {
        if (rows.Count == 0 || !publisher.IsAvailable || !lease.IsValid)
        {
            batch.HeldBack.UnionWith(rows.Select(row => row.Key));
            return;
        }

        var unsent = new List<OutboxMessage>();
        var open = await OpenChannel(ct);
        var isConfirmed = true;
        foreach (var (row, confirmation) in rows.Select(row => (row, Publish(open, row, ct))).ToList())
        {
            try
            {
                await confirmation;
                batch.Sent++;
                results.Confirm(row);
            }
            catch (LeaseLostException)
            {
                batch.HeldBack.Add(row.Key);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                isConfirmed = false;
                batch.HeldBack.Add(row.Key);
                if (publisher.IsAvailable && (open.IsOpen || rows.Count == 1))
                {
                    results.Fail(row, e.Message);
                    logger.LogWarning(
                        "{Module}: outbox row {Id} was not accepted by the broker: {Error}", module.Module, row.Id, e.Message);
                }
                else
                {
                    // The broker is unavailable, or closed the channel because of another row: this row did not fail.
                    unsent.Add(row);
                }
            }
        }

        if (!isConfirmed)
        {
            await CloseChannel();
        }

        if (rows.Count > 1 && publisher.IsAvailable)
        {
            foreach (var row in unsent)
            {
                await Send([row], batch, ct);
            }
        }
    }

    private async Task<Publishing> OpenChannel(CancellationToken ct)
    {
        if (channel is not { IsOpen: true })
        {
            await CloseChannel();
            channel = await publisher.Open(ct);
        }

        return channel;
    }

    private async ValueTask CloseChannel()
    {
        if (channel is { } old)
        {
            channel = null;
            await old.DisposeAsync();
        }
    }

    private async Task Publish(Publishing open, OutboxMessage row, CancellationToken ct)
    {
        if (!lease.IsValid)
        {
            throw new LeaseLostException(database.Schema);
        }

        var contract = module.Contracts.Get(row.Type);
        using var span = Spans.Publish(contract.IsPublic ? OutboundMessage.EventsExchange : contract.Exchange, row);
        var wire = contract.IsPublic
            ? OutboundMessage.ToEventsExchange(contract, row, module.Module)
            : OutboundMessage.ToModules(contract, row);

        // A message between modules must reach a queue. An event may have no subscriber: the feed keeps it.
        await open.Send(wire, mandatory: !contract.IsPublic, ct);
    }

    /// <summary>Reads in one round trip whether there are rows to send, and the few keys whose later rows must wait.</summary>
    private async Task<Waiting> FindWaiting(CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        await using var find = new NpgsqlBatch(connection);
        find.BatchCommands.Add(new(
            $"""
            select exists (select from {outbox} where sent_at is null and parked_at is null and id <> all($1)),
              exists (select from {outbox} where sent_at is null and is_public and sequence is null)
            """)
        {
            Parameters = { new() { Value = results.Ids } },
        });
        find.BatchCommands.Add(new(
            $"select distinct key, is_public from {outbox} where sent_at is null and (parked_at is not null or next_attempt_at > now())"));
        await using var reader = await find.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var waiting = new Waiting(reader.GetBoolean(0), reader.GetBoolean(1));
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            waiting.HoldBack(reader.GetGuid(0), reader.GetBoolean(1));
        }

        foreach (var row in results.Failed)
        {
            waiting.HoldBack(row.Key, row.Sequence is not null);
        }

        return waiting;
    }

    /// <summary>
    /// Reads the oldest rows that may be sent. Keys held back are constants of the statement, so each row costs one hash lookup.
    /// </summary>
    private async Task<List<OutboxMessage>> ReadUnsent(Waiting waiting, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select id, message_id, key, type, body, traceparent, created_at, sequence from {outbox}
            where sent_at is null and parked_at is null and (next_attempt_at is null or next_attempt_at <= now()) and id <> all($1)
              and case when is_public then sequence is not null and key <> all($2) else key <> all($3) end
            order by id limit {BatchSize}
            """);
        command.Parameters.Add(new() { Value = results.Ids });
        command.Parameters.Add(new() { Value = waiting.PublicKeys.ToArray() });
        command.Parameters.Add(new() { Value = waiting.MessageKeys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<OutboxMessage>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(OutboxMessage.Read(reader));
        }

        return rows;
    }

    private sealed class Batch
    {
        public int Sent { get; set; }

        public HashSet<Guid> HeldBack { get; } = [];
    }

    private sealed record Waiting(bool Any, bool HasUnnumbered)
    {
        public HashSet<Guid> PublicKeys { get; } = [];

        public HashSet<Guid> MessageKeys { get; } = [];

        public void HoldBack(Guid key, bool isPublic) => (isPublic ? PublicKeys : MessageKeys).Add(key);
    }
}
