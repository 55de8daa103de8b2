using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Idoven.Shared.Messaging;

/// <summary>
/// When the last event of a key is stored, the earlier public events of that key become copies of it, each under its own number:
/// the feed keeps no gap, and nothing of what was erased.
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
            .Where(entry => entry.State == EntityState.Added && module.Contracts.Of(entry.Entity.Type).IsLast)
            .Select(entry => entry.Entity)
            .ToList();
        if (last.Count > 0 && db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("The last event of a key belongs into the transaction that has locked its aggregate.");
        }

        foreach (var row in last)
        {
            // What has no number yet was never said, and need not be.
            var earlierEvents = db.Set<OutboxRow>().Where(earlier => earlier.Key == row.Key && earlier.IsPublic);
            await earlierEvents.Where(earlier => earlier.Sequence == null).ExecuteDeleteAsync(cancellationToken);
            await earlierEvents.ExecuteUpdateAsync(
                set => set.SetProperty(earlier => earlier.Type, row.Type).SetProperty(earlier => earlier.Body, row.Body), cancellationToken);
        }

        return result;
    }
}
