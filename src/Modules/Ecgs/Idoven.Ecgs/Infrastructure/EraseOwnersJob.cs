using Idoven.Ecgs.Application;
using System.Security.Cryptography;
using System.Text;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Erases the ECGs of erased owners, batch by batch, each ECG with its deleted event, and says so at the end. The access log keeps its rows without the
/// ids of the ECGs. Every batch is one transaction, so it goes on where a crash left it.
/// </summary>
internal sealed class EraseOwnersJob(EcgsDbContext db, IEcgsOutbox outbox, TimeProvider clock) : IBackgroundJob<EcgsDbContext>
{
    private const int EcgsABatch = 50;
    private const int AccessesABatch = 1000;
    private const int BatchesATurn = 20;

    /// <summary>The rows of many large ECGs take longer to delete than other statements of the background.</summary>
    private static readonly TimeSpan DeletionLimit = TimeSpan.FromMinutes(2);

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        for (var batch = 0; batch < BatchesATurn; batch++)
        {
            if (!await EraseBatch(ct))
            {
                return false;
            }
        }

        // What else is due comes first.
        return true;
    }

    private async Task<bool> EraseBatch(CancellationToken ct)
    {
        if (!await db.Owners.AnyAsync(owner => owner.ErasedAt != null && owner.ErasureFinishedAt == null, ct))
        {
            return false;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var due = await db.Owners
            .FromSql($"select * from ecgs.owners where erased_at is not null and erasure_finished_at is null order by erased_at limit 1 for update skip locked")
            .SingleOrDefaultAsync(ct);
        if (due is null)
        {
            return false;
        }

        // The lock waits for an analysis that is being stored: its event has an earlier place than the deletion's.
        var ecgs = await db.Database.SqlQuery<Guid>($"select id as \"Value\" from ecgs.ecgs where owner_id = {due.Id} order by id limit {EcgsABatch} for update").ToListAsync(ct);
        db.Database.SetCommandTimeout(DeletionLimit);
        await db.Ecgs.Where(ecg => ecgs.Contains(ecg.Id)).ExecuteDeleteAsync(ct);
        var forgotten = await db.Database.SqlQuery<long>($"select ecgs.forget_accesses({due.Id}, {AccessesABatch}) as \"Value\"").SingleAsync(ct);
        db.Database.SetCommandTimeout((int?)null);
        var now = clock.GetUtcNow();
        foreach (var id in ecgs)
        {
            outbox.Add(new EcgDeleted(id, due.Id, now), id);
        }

        due.ErasedEcgs += ecgs.Count;
        if (ecgs.Count < EcgsABatch && forgotten < AccessesABatch)
        {
            due.ErasureFinishedAt = now;
            outbox.Add(new OwnerErased(due.Id, new Dictionary<string, long> { ["ecgs"] = due.ErasedEcgs }), Key(due.Id));
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        db.ChangeTracker.Clear();
        return true;
    }

    /// <summary>An owner's subject need not be a UUID; the same one has the same key.</summary>
    private static Guid Key(string ownerId) => new(SHA256.HashData(Encoding.UTF8.GetBytes(ownerId)).AsSpan(0, 16));
}
