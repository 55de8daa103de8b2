using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Messages;
using Npgsql;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>
/// The results of published rows: confirmed, or failed with a reason. A row that another transaction has locked keeps its result here until
/// it can be written, and is not published again meanwhile. Lives as long as the lease.
/// </summary>
internal sealed class SendResults(string schema)
{
    private const int ParkAfter = 10;

    /// <summary>The number of unwritten results at which the relay stops publishing.</summary>
    private const int Limit = 1000;

    private readonly Dictionary<long, (OutboxMessage Row, string? Error)> unwritten = [];

    /// <summary>Gets whether any result is not written yet.</summary>
    public bool Any => unwritten.Count > 0;

    /// <summary>Gets whether too many results are not written yet.</summary>
    public bool IsFull => unwritten.Count >= Limit;

    /// <summary>Gets the ids of the rows that must not be published again.</summary>
    public long[] Ids => [.. unwritten.Keys];

    /// <summary>Gets the rows that failed and are not yet recorded as failed: they hold back later rows of their key.</summary>
    public IEnumerable<OutboxMessage> Failed => unwritten.Values.Where(result => result.Error is not null).Select(result => result.Row);

    public void Confirm(OutboxMessage row) => unwritten[row.Id] = (row, null);

    public void Fail(OutboxMessage row, string error) => unwritten[row.Id] = (row, error);

    /// <summary>Writes the results that can be written without waiting for another transaction.</summary>
    /// <exception cref="LeaseLostException">This host no longer leads.</exception>
    public async Task Write(LeaderLease lease, CancellationToken ct)
    {
        if (Any)
        {
            var settled = await lease.RunInTransaction(transaction => Write(transaction, ct), ct);
            settled.ForEach(id => unwritten.Remove(id));
        }
    }

    /// <returns>The ids of the rows that are written, or that no longer exist unsent.</returns>
    private async Task<List<long>> Write(NpgsqlTransaction transaction, CancellationToken ct)
    {
        var confirmed = unwritten.Where(result => result.Value.Error is null).Select(result => result.Key).ToArray();
        var failed = unwritten.Where(result => result.Value.Error is not null).ToList();
        await using var write = new NpgsqlBatch(transaction.Connection!, transaction) { Timeout = LeaderLease.StatementTimeout };
        write.BatchCommands.Add(new(
            $"""
            with locked as materialized (
              select id from {schema}.outbox where id = any($1) and sent_at is null order by id for update skip locked)
            update {schema}.outbox as o set sent_at = now() from locked where o.id = locked.id returning o.id
            """)
        {
            Parameters = { new() { Value = confirmed } },
        });
        write.BatchCommands.Add(new(
            $"""
            with locked as materialized (
              select id from {schema}.outbox where id = any($1) and sent_at is null order by id for update skip locked)
            update {schema}.outbox as o set attempts = attempts + 1, last_error = left(failure.error, 300),
              next_attempt_at = now() + least(power(2, attempts), 300) * interval '1 second',
              parked_at = case when attempts + 1 >= {ParkAfter} then now() end
            from locked join unnest($1, $2) as failure(id, error) using (id) where o.id = locked.id returning o.id
            """)
        {
            Parameters =
            {
                new() { Value = failed.Select(result => result.Key).ToArray() },
                new() { Value = failed.Select(result => result.Value.Error!).ToArray() },
            },
        });
        write.BatchCommands.Add(new(
            $"""
            select given.id from unnest($1) as given(id)
            where not exists (select from {schema}.outbox as o where o.id = given.id and o.sent_at is null)
            """)
        {
            Parameters = { new() { Value = Ids } },
        });
        await using var reader = await write.ExecuteReaderAsync(ct);
        var settled = new List<long>();
        do
        {
            while (await reader.ReadAsync(ct))
            {
                settled.Add(reader.GetInt64(0));
            }
        }
        while (await reader.NextResultAsync(ct));
        return settled;
    }
}
