using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Sends ECGs that are due to the analysis queue. ECGs wait in the database and the queue holds at most 64 ECGs for each consuming host, so
/// the queue is short and its order is fair. Owners take turns. ECGs of over a million samples have their own lane, which never occupies
/// the last consumer. ECGs to be reprocessed are sent only while no upload waits for capacity. An ECG that was sent without a result for
/// <see cref="EcgsOptions.SafetyNet"/> is sent again, unless its message is still in the outbox.
/// </summary>
internal sealed class DispatchEcgsJob(
    EcgsDbContext db, ModuleDatabase<EcgsDbContext> database, IEcgsOutbox outbox, EcgsOptions options, IAnalysisBacklog backlog,
    IBrokerState broker, DispatchState state)
    : IBackgroundJob<EcgsDbContext>
{
    /// <summary>
    /// The lane of a row, in SQL: 0 or 1 (over a million samples) for a first analysis, 2 or 3 for reprocessing. The index has the same
    /// text.
    /// </summary>
    public const string Lane = "(case when is_reprocessing then 2 else 0 end + case when samples > 1000000 then 1 else 0 end)";

    /// <summary>The first lane of reprocessing.</summary>
    public const int FirstReprocessingLane = 2;

    /// <summary>The maximum number of ECGs in the queue for each consuming host.</summary>
    public const int MaxPerHost = 64;

    // The queue is filled again below this number, so that one run sends many ECGs under load.
    private const int FillBelowPerHost = 48;
    private const int MaxPasses = 8;
    private const string Waits = "status = 'queued' and dispatched_at is null";

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (!broker.IsAvailable)
        {
            return false;
        }

        var capacity = await MeasureCapacity(ct);
        if (capacity.All <= 0)
        {
            return false;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var sent = 0;
        foreach (var isLarge in capacity.IsAnyOverdue ? new[] { true, false } : [])
        {
            sent += await Send(await FindOverdue(isLarge, capacity.ForLane(isLarge), ct), isLarge, capacity, ct);
        }

        // The large lane is first: it needs little capacity, and small ECGs would leave it none.
        foreach (var lane in new[] { 1, 0 })
        {
            sent += await SendWaiting(lane, capacity, ct);
        }

        if (capacity.All > 0 && backlog.Current?.Excess(options.Backlog / 2) == TimeSpan.Zero)
        {
            foreach (var lane in new[] { FirstReprocessingLane + 1, FirstReprocessingLane })
            {
                sent += await SendWaiting(lane, capacity, ct);
            }
        }

        if (sent > 0)
        {
            // A commit wakes the worker, which sends the messages. A commit without a message would wake it needlessly.
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            db.ChangeTracker.Clear();
        }

        return false;
    }

    /// <summary>Returns how many ECGs can be sent now; none if no ECG is due or the queue is still nearly full.</summary>
    private async Task<QueueCapacity> MeasureCapacity(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select host.number, host.consumers, sent.number, sent.large, sent.overdue,
              exists (select from ecgs.ecgs where status = 'queued' and next_attempt_at <= now())
            from (select count(*) as number, coalesce(sum(consumers), 0) as consumers
                  from ecgs.analysis_hosts where {ReportAnalysisHost.IsLive}) as host,
              (select count(*) filter (where next_attempt_at > now()) as number,
                 count(*) filter (where next_attempt_at > now() and samples > 1000000) as large,
                 count(*) filter (where next_attempt_at <= now()) as overdue
               from ecgs.ecgs where status = 'queued' and dispatched_at is not null) as sent
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);

        // Until a host has reported, one consuming host is assumed.
        var hosts = Math.Max(1, reader.GetInt64(0));
        var (consumers, sent, large) = (reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
        var (overdue, isAnyDue) = (reader.GetInt64(4), reader.GetBoolean(5));
        return isAnyDue && sent <= FillBelowPerHost * hosts
            ? new QueueCapacity
            {
                All = (int)(MaxPerHost * hosts - sent),
                Large = (int)(Math.Max(1, consumers - 1) - large),
                IsAnyOverdue = overdue > 0,
            }
            : new QueueCapacity();
    }

    private async Task<int> SendWaiting(int lane, QueueCapacity capacity, CancellationToken ct)
    {
        var isLarge = lane % 2 == 1;
        var sent = 0;
        for (var pass = 0; pass < MaxPasses && capacity.ForLane(isLarge) > 0; pass++)
        {
            var found = await FindWaiting(lane, capacity.ForLane(isLarge), ct);
            var now = await Send(found, isLarge, capacity, ct);
            sent += now;
            if (now == 0)
            {
                break;
            }
        }

        return sent;
    }

    /// <summary>
    /// Finds due ECGs of a lane: of the owners after the one that was served last, an equal number each, longest due first. The index is
    /// searched once for each owner and once more for each owner's share, so the cost does not grow with the number of waiting ECGs.
    /// </summary>
    private async Task<List<Guid>> FindWaiting(int lane, int atMost, CancellationToken ct)
    {
        const string next = "order by owner_id, next_attempt_at limit 1";
        await using var command = CreateCommand(
            $"""
            with recursive following as (
              (select owner_id::text from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id > $2 {next})
              union all
              select (select owner_id::text from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id > owner.owner_id {next})
              from following as owner
              where owner.owner_id is not null),
            first as (
              (select owner_id::text from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id >= '' {next})
              union all
              select (select owner_id::text from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id > owner.owner_id {next})
              from first as owner
              where owner.owner_id <= $2),
            owners as materialized (
              select owner_id, row_number() over () as place
              from (select owner_id from following union all select owner_id from first where owner_id <= $2) as owner
              where owner_id is not null
                and (select next_attempt_at from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id = owner.owner_id
                     order by next_attempt_at limit 1) <= now()
              limit $3)
            select due.id, owners.owner_id, owners.place
            from owners cross join lateral (
              select id, row_number() over (order by next_attempt_at) as turn
              from ecgs.ecgs where {Waits} and {Lane} = $1 and owner_id = owners.owner_id and next_attempt_at <= now()
              order by next_attempt_at limit (select ($3 + count(*) - 1) / count(*) from owners)) as due
            order by due.turn, owners.place limit $3
            """,
            lane, state.LastOwner[lane], atMost);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<Guid>();
        var last = 0L;
        while (await reader.ReadAsync(ct))
        {
            found.Add(reader.GetGuid(0));
            if (reader.GetInt64(2) > last)
            {
                (state.LastOwner[lane], last) = (reader.GetString(1), reader.GetInt64(2));
            }
        }

        return found;
    }

    /// <summary>
    /// Finds ECGs that were sent too long ago. A message that is still in the outbox, because the broker is unavailable, is not sent twice.
    /// </summary>
    private async Task<List<Guid>> FindOverdue(bool isLarge, int atMost, CancellationToken ct)
    {
        if (atMost <= 0)
        {
            return [];
        }

        await using var command = CreateCommand(
            """
            select id from ecgs.ecgs as e
            where status = 'queued' and dispatched_at is not null and next_attempt_at <= now() and (samples > 1000000) = $1
              and not exists (select from ecgs.outbox where key = e.id and sent_at is null and type = $2)
            order by next_attempt_at limit $3
            """,
            isLarge, typeof(EcgSubmitted).FullName!, atMost);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<Guid>();
        while (await reader.ReadAsync(ct))
        {
            found.Add(reader.GetGuid(0));
        }

        return found;
    }

    /// <summary>Marks the ECGs that are still due as sent and adds their messages, in the given order.</summary>
    /// <returns>The number of ECGs that were marked.</returns>
    private async Task<int> Send(List<Guid> found, bool isLarge, QueueCapacity capacity, CancellationToken ct)
    {
        if (found.Count == 0)
        {
            return 0;
        }

        var marked = new Dictionary<Guid, string?>();
        await using (var command = CreateCommand(
            """
            update ecgs.ecgs as e set dispatched_at = now(), next_attempt_at = now() + $2
            from (select id from ecgs.ecgs where id = any($1) and status = 'queued' and next_attempt_at <= now()
                  for update skip locked) as due
            where e.id = due.id returning e.id, e.traceparent
            """,
            found, options.SafetyNet))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                marked.Add(reader.GetGuid(0), await reader.IsDBNullAsync(1, ct) ? null : reader.GetString(1));
            }
        }

        foreach (var id in found.Where(marked.ContainsKey))
        {
            outbox.Add(new EcgSubmitted(id), id, marked[id]);
        }

        capacity.Take(isLarge, marked.Count);
        return marked.Count;
    }

    private NpgsqlCommand CreateCommand(string sql, params object[] values)
    {
        var transaction = (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        var command = new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection(), transaction);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return command;
    }

    /// <summary>Represents how many more ECGs can be sent to the queue.</summary>
    private sealed class QueueCapacity
    {
        public int All { get; set; }

        public int Large { get; set; }

        /// <summary>Gets whether an ECG was sent too long ago without a result.</summary>
        public bool IsAnyOverdue { get; init; }

        public int ForLane(bool isLarge) => isLarge ? Math.Min(All, Large) : All;

        public void Take(bool isLarge, int number)
        {
            All -= number;
            Large -= isLarge ? number : 0;
        }
    }
}

/// <summary>Represents the state of the dispatcher of this host between its runs.</summary>
internal sealed class DispatchState
{
    /// <summary>Gets the owner served last, for each lane.</summary>
    public string[] LastOwner { get; } = ["", "", "", ""];
}
