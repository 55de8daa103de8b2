using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure.Accesses;

/// <summary>
/// Deletes rows past the retention <c>Access:KeepDays</c> every ten minutes, and removes the ECG ids from rows that a host stored after the
/// owner's erasure. The running role has no right to do so itself, but to call functions of the schema's owner that do.
/// </summary>
internal sealed class AccessRetentionJob(
    ModuleDatabase<EcgsDbContext> database, AccessOptions options, TimeProvider clock, AccessRetentionSchedule schedule)
    : IBackgroundJob<EcgsDbContext>
{
    private const int BatchSize = 1000;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        var changed = await Run("select ecgs.prune_accesses($1, $2)", ct, options.KeepDays, BatchSize);
        changed += await Run(
            """
            select coalesce(sum(ecgs.forget_accesses(id, $1)), 0)::bigint from ecgs.owners as erased
            where erased_at > now() - interval '2 days'
              and exists (select from ecgs.accesses where owner_id = erased.id and ecg_id is not null)
            """, ct, BatchSize);
        if (changed == 0)
        {
            schedule.Next = clock.GetUtcNow() + AccessRetentionSchedule.Every;
        }

        return changed > 0;
    }

    private async Task<long> Run(string sql, CancellationToken ct, params int[] values)
    {
        await using var command = database.Background.CreateCommand(sql);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        command.CommandTimeout = ModuleDatabaseExtensions.PatientCommandSeconds;
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}

/// <summary>Represents the time of the next run of <see cref="AccessRetentionJob"/>.</summary>
internal sealed class AccessRetentionSchedule
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    public DateTimeOffset Next { get; set; }
}
