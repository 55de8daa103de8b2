using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>
/// When the last event of a key is stored, the earlier public events of that key become copies of it, each under its own number:
/// the feed has no gap and no erased data.
/// </summary>
internal sealed class EraseEarlierEvents<TDb>(ModuleMessaging<TDb> module) : SaveChangesInterceptor
    where TDb : DbContext
{
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not TDb db)
        {
            return result;
        }

        var last = db.ChangeTracker.Entries<OutboxRow>()
            .Where(entry => entry.State == EntityState.Added && module.Contracts.Get(entry.Entity.Type).IsLast)
            .Select(entry => entry.Entity)
            .ToList();
        if (last.Count == 0)
        {
            return result;
        }

        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("The last event of a key must be added in the transaction that has locked its aggregate.");
        }

        // All rows are locked in the order of their ids, as everything locks them that numbers, marks or removes them: no two transactions
        // can wait for each other. An event that has no number yet was never published and need not be.
        var outbox = $"{module.Module}.outbox";
        var replace =
            $"""
            select from {outbox} where key = any(@keys) and is_public order by id for update;
            delete from {outbox} where key = any(@keys) and is_public and sequence is null;
            update {outbox} as earlier set type = last.type, body = last.body::json
            from unnest(@keys, @types, @bodies) as last(key, type, body) where earlier.key = last.key and earlier.is_public;
            """;
        await db.Database.ExecuteSqlRawAsync(
            replace,
            [
                new NpgsqlParameter("keys", last.Select(row => row.Key).ToArray()),
                new NpgsqlParameter("types", last.Select(row => row.Type).ToArray()),
                new NpgsqlParameter("bodies", last.Select(row => row.Body).ToArray()),
            ],
            cancellationToken);
        return result;
    }
}
