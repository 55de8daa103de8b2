using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging.Operations;

/// <summary>Entries that are rows of one table: a list, and one statement each for replay and discard.</summary>
internal abstract class ParkedRows<TDb>(ModuleDatabase<TDb> database, ModuleMessaging<TDb> module) : IParked
    where TDb : DbContext
{
    protected string Schema => database.Schema;

    /// <summary>Selects id, queue, type, reason, attempts, since, next_attempt_at; $1 is the limit.</summary>
    protected abstract string ListSql { get; }

    /// <summary>$1 is the id.</summary>
    protected abstract string ReplaySql { get; }

    /// <summary>$1 is the id.</summary>
    protected abstract string DiscardSql { get; }

    public async Task<IReadOnlyList<ParkedMessage>> List(int limit, CancellationToken ct)
    {
        await using var command = Command(ListSql, limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new List<ParkedMessage>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new ParkedMessage(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? "" : reader.GetString(3), reader.GetInt32(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return entries;
    }

    public async Task<bool> Replay(Guid id, CancellationToken ct)
    {
        await using var command = Command(ReplaySql, id);
        var found = await command.ExecuteNonQueryAsync(ct) == 1;
        module.Ring();
        return found;
    }

    public async Task<bool> Discard(Guid id, CancellationToken ct)
    {
        await using var command = Command(DiscardSql, id);
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private NpgsqlCommand Command(string sql, object parameter)
    {
        var command = database.DataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}

/// <summary>Messages that a consumer of the module could not handle.</summary>
internal sealed class ParkedDeliveries<TDb>(ModuleDatabase<TDb> database, ModuleMessaging<TDb> module) : ParkedRows<TDb>(database, module)
    where TDb : DbContext
{
    protected override string ListSql =>
        $"select id, queue, type, last_error, attempts, created_at, next_attempt_at from {Schema}.parked order by created_at limit $1";

    protected override string ReplaySql => $"update {Schema}.parked set attempts = 0, next_attempt_at = now() where id = $1";

    protected override string DiscardSql => $"delete from {Schema}.parked where id = $1";
}

/// <summary>Messages that the broker did not take. A public event has a number, so it cannot be discarded.</summary>
internal sealed class ParkedSends<TDb>(ModuleDatabase<TDb> database, ModuleMessaging<TDb> module) : ParkedRows<TDb>(database, module)
    where TDb : DbContext
{
    protected override string ListSql =>
        $"select message_id, 'outbox', type, last_error, attempts, created_at, next_attempt_at from {Schema}.outbox where sent_at is null and parked_at is not null order by id limit $1";

    protected override string ReplaySql =>
        $"update {Schema}.outbox set attempts = 0, parked_at = null, next_attempt_at = null where message_id = $1 and parked_at is not null and sent_at is null";

    protected override string DiscardSql =>
        $"delete from {Schema}.outbox where message_id = $1 and parked_at is not null and sent_at is null and not is_public";
}
