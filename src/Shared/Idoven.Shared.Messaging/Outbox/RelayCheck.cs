using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>Degraded if no host leads the module, or if its messages are not sent although the broker accepts them.</summary>
internal sealed class RelayCheck<TDb>(ModuleDatabase<TDb> database, Broker broker, TimeProvider clock) : IHealthCheck
    where TDb : DbContext
{
    private static readonly TimeSpan StalledAfter = TimeSpan.FromSeconds(30);

    // A host of the previous release leads by the advisory lock alone. A leader that no longer renews its lease may still hold the lock.
    private readonly string sql =
        $"""
        select
          case when until > clock_timestamp() then true else exists (
            select from pg_locks
            where locktype = 'advisory' and granted and objsubid = 2
              and classid = hashtext('{database.Schema}')::oid and objid = hashtext('worker')::oid
              and database = (select oid from pg_database where datname = current_database())
              and pid is distinct from leader.backend_pid) end,
          exists (
            select from {database.Schema}.outbox as o
            where sent_at is null and parked_at is null and coalesce(next_attempt_at, created_at) < now() - $1
              and not exists (
                select from {database.Schema}.outbox as earlier
                where earlier.key = o.key and earlier.is_public = o.is_public and earlier.id < o.id and earlier.sent_at is null
                  and (earlier.parked_at is not null or earlier.next_attempt_at > now())))
        from {database.Schema}.leader
        """;

    private long unavailableAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!broker.IsAvailable)
        {
            unavailableAt = clock.GetTimestamp();
        }

        try
        {
            await using var command = database.DataSource.CreateCommand(sql);
            command.CommandTimeout = 1;
            command.Parameters.Add(new() { Value = StalledAfter });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var (isLed, isLate) = await reader.ReadAsync(cancellationToken) ? (reader.GetBoolean(0), reader.GetBoolean(1)) : (false, false);

            // Messages that waited for the broker are sent within this time after it is available again.
            var isStalled = isLate && (unavailableAt == 0 || clock.GetElapsedTime(unavailableAt) > StalledAfter);
            return (isLed, isStalled) switch
            {
                (false, _) => HealthCheckResult.Degraded("no leader: messages and jobs wait for one"),
                (_, true) => HealthCheckResult.Degraded($"stalled: messages have been due for more than {StalledAfter.TotalSeconds:0} s"),
                _ => HealthCheckResult.Healthy(),
            };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Degraded("unknown: the database does not answer", e);
        }
    }
}
