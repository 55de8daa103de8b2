using Idoven.Ecgs.Application;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>ECGs whose next attempt is due, and those nothing was heard of, are submitted to the analysis again.</summary>
internal sealed class ResubmitDueEcgs(
    EcgsDbContext db, [FromKeyedServices(EcgsModule.Name)] IOutbox outbox, EcgsOptions options, TimeProvider clock) : IDueWork<EcgsDbContext>
{
    private const int BatchSize = 100;

    public async Task<bool> Do(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!await db.Ecgs.AnyAsync(ecg => ecg.NextAttemptAt <= now, ct))
        {
            return false;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var due = await db.Ecgs
            .FromSql($"select * from ecgs.ecgs where status = 'queued' and next_attempt_at <= {now} order by next_attempt_at limit {BatchSize} for update skip locked")
            .ToListAsync(ct);
        foreach (var ecg in due)
        {
            ecg.Resubmitted(now, options.SafetyNet);
            outbox.Add(new EcgSubmitted(ecg.Id), ecg.Id);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return due.Count == BatchSize;
    }
}
