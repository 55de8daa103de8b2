using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Operations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Idoven.Shared.Web.Operations;

/// <summary>The audit actions of operators on parked messages, in modules that have an audit log.</summary>
internal static class ParkedAuditActions
{
    public const string Replay = "parked.replay";
    public const string Discard = "parked.discard";
}

/// <summary>Parked messages that are rows of one table: a list, and one statement each for replay and discard.</summary>
internal abstract class ParkedRows<TDb>(TDb db, ModuleDatabase<TDb> database, IServiceProvider services) : IParked
    where TDb : DbContext
{
    protected string Schema => database.Schema;

    /// <summary>Selects id, queue, type, reason, attempts, since, next_attempt_at; $1 is the limit.</summary>
    protected abstract string ListSql { get; }

    /// <summary>{0} is the id.</summary>
    protected abstract string ReplaySql { get; }

    /// <summary>{0} is the id.</summary>
    protected abstract string DiscardSql { get; }

    public async Task<IReadOnlyList<ParkedMessage>> List(int limit, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new List<ParkedMessage>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new ParkedMessage(
                reader.GetGuid(
                    0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? "" : reader.GetString(3), reader.GetInt32(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return entries;
    }

    public Task<bool> Replay(Guid id, CancellationToken ct) => ActAndAudit(ReplaySql, ParkedAuditActions.Replay, id, ct);

    public Task<bool> Discard(Guid id, CancellationToken ct) => ActAndAudit(DiscardSql, ParkedAuditActions.Discard, id, ct);

    private async Task<bool> ActAndAudit(string sql, string action, Guid id, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Database.ExecuteSqlRawAsync(sql, [id], ct) != 1)
        {
            return false;
        }

        services.GetKeyedService<IAuditLog>(Schema)?.Add(new AuditEntry(action, $"{id}"));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}

/// <summary>Messages that a consumer of the module could not handle.</summary>
internal sealed class ParkedDeliveries<TDb>(
    TDb db, ModuleDatabase<TDb> database, IServiceProvider services) : ParkedRows<TDb>(db, database, services)
    where TDb : DbContext
{
    protected override string ListSql =>
        $"select id, queue, type, last_error, attempts, created_at, next_attempt_at from {Schema}.parked order by created_at limit $1";

    protected override string ReplaySql => $"update {Schema}.parked set attempts = 0, next_attempt_at = now() where id = {{0}}";

    protected override string DiscardSql => $"delete from {Schema}.parked where id = {{0}}";
}

/// <summary>Messages that the broker did not accept. A public event has a number, so it cannot be discarded.</summary>
internal sealed class ParkedSends<TDb>(
    TDb db, ModuleDatabase<TDb> database, IServiceProvider services) : ParkedRows<TDb>(db, database, services)
    where TDb : DbContext
{
    protected override string ListSql =>
        $"""
        select message_id, 'outbox', type, last_error, attempts, created_at, next_attempt_at from {Schema}.outbox
        where sent_at is null and parked_at is not null order by id limit $1
        """;

    protected override string ReplaySql =>
        $"update {Schema}.outbox set attempts = 0, parked_at = null, next_attempt_at = null "
        + "where message_id = {0} and parked_at is not null and sent_at is null";

    protected override string DiscardSql =>
        $"delete from {Schema}.outbox where message_id = {{0}} and parked_at is not null and sent_at is null and not is_public";
}
