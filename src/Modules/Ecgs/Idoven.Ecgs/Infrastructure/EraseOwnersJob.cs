using System.Security.Cryptography;
using System.Text;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Erases the ECGs of erased owners in batches, with a deleted event for each ECG and an <see cref="OwnerErased"/> message at the end. The
/// access log keeps its rows without the ids of the ECGs. Every batch is one transaction, so the job continues after a crash.
/// </summary>
internal sealed class EraseOwnersJob(EcgsDbContext db, IEcgsOutbox outbox, TimeProvider clock) : IBackgroundJob<EcgsDbContext>
{
    private const int EcgsPerBatch = 50;
    private const int AccessesPerBatch = 1000;
    private const int BatchesPerRun = 20;

    /// <summary>The time limit of a deletion, because the rows of many large ECGs take longer than other statements.</summary>
    private static readonly TimeSpan DeletionLimit = TimeSpan.FromMinutes(2);

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        for (var batch = 0; batch < BatchesPerRun; batch++)
        {
            if (!await EraseBatch(ct))
            {
                return false;
            }
        }

        // Other jobs that are due run first.
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
            .FromSql(
                $"""
                select * from ecgs.owners where erased_at is not null and erasure_finished_at is null
                order by erased_at limit 1 for update skip locked
                """)
            .SingleOrDefaultAsync(ct);
        if (due is null)
        {
            return false;
        }

        // The lock waits for an analysis that is being stored, so that its event precedes the deletion's.
        var ecgs = await db.Database
            .SqlQuery<Guid>($"select id as \"Value\" from ecgs.ecgs where owner_id = {due.Id} order by id limit {EcgsPerBatch} for update")
            .ToListAsync(ct);
        db.Database.SetCommandTimeout(DeletionLimit);
        await db.Ecgs.Where(ecg => ecgs.Contains(ecg.Id)).ExecuteDeleteAsync(ct);
        var forgotten = await db.Database
            .SqlQuery<long>($"select ecgs.forget_accesses({due.Id}, {AccessesPerBatch}) as \"Value\"").SingleAsync(ct);
        db.Database.SetCommandTimeout((int?)null);
        var now = clock.GetUtcNow();
        foreach (var id in ecgs)
        {
            outbox.Add(new EcgDeleted(id, due.Id, now), id);
        }

        due.ErasedEcgs += ecgs.Count;
        if (ecgs.Count < EcgsPerBatch && forgotten < AccessesPerBatch)
        {
            due.ErasureFinishedAt = now;
            var counts = new Dictionary<string, long> { ["ecgs"] = due.ErasedEcgs };
            outbox.Add(new OwnerErased(due.Id, counts), KeyOfOwner(due.Id));
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        db.ChangeTracker.Clear();
        return true;
    }

    /// <summary>Returns the outbox key of an owner, whose subject may not be a UUID.</summary>
    private static Guid KeyOfOwner(string ownerId) => new(SHA256.HashData(Encoding.UTF8.GetBytes(ownerId)).AsSpan(0, 16));
}
