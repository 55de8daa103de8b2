using Idoven.Ecgs.Application.Processing;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Transport;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Reports every 5 s that this host consumes the analysis queue, and its rate. The leader sends a share for each host to the queue, and the
/// sum of the rates limits the backlog. A host that cannot reach the broker reports nothing, and its row expires after 30 s.
/// </summary>
internal sealed class ReportAnalysisHost(
    ModuleDatabase<EcgsDbContext> database, HostId host, EcgMetrics metrics, IBrokerState broker, TimeProvider clock,
    ILogger<ReportAnalysisHost> logger)
    : PeriodicService("report of the analysis rate", Every, clock, logger)
{
    /// <summary>The condition, in SQL, for a row of <c>analysis_hosts</c> whose host is consuming.</summary>
    public const string IsLive = "seen_at > now() - interval '30 seconds'";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);
    private readonly TimeProvider clock = clock;
    private readonly ILogger logger = logger;

    protected override string Effect => "After 30 s without a report the dispatcher sends fewer ECGs to the queue.";

    protected override Task RunOnce(CancellationToken stoppingToken) => broker.IsAvailable ? Report(stoppingToken) : Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            using var end = new CancellationTokenSource(StopWithin, clock);
            await using var command = database.Background.CreateCommand("delete from ecgs.analysis_hosts where id = $1");
            command.Parameters.Add(new NpgsqlParameter { Value = host.Value });
            await command.ExecuteNonQueryAsync(end.Token);
        }
        catch (Exception e)
        {
            logger.LogDebug(e, "The row of this host could not be deleted; it expires in 30 s");
        }
    }

    private async Task Report(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            """
            with expired as (delete from ecgs.analysis_hosts where seen_at < now() - interval '10 minutes' and id <> $1)
            insert into ecgs.analysis_hosts (id, consumers, samples_per_second, seen_at) values ($1, $2, $3, clock_timestamp())
            on conflict (id) do update
              set consumers = excluded.consumers, samples_per_second = excluded.samples_per_second, seen_at = excluded.seen_at
            """);
        object[] values = [host.Value, AnalysisSlots.Reported, metrics.Rate.SamplesPerSecond * AnalysisSlots.Count];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }
}
