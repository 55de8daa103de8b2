using System.Diagnostics.Metrics;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Measures the backlog of the analysis once a second, for the gauges and to reject uploads beyond the limit. While the broker is
/// unavailable, nothing is analysed and the measurement has no meaning, so only storage limits the uploads.
/// </summary>
internal sealed class BacklogMeter : PeriodicService, IAnalysisBacklog, IReadinessNotice
{
    private const int LongestRetryAfterSeconds = 60;
    private static readonly TimeSpan BehindAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // The measurement of a very long backlog takes time itself, of which it may use one part in twenty.
    private const int PauseFactor = 20;
    private readonly ModuleDatabase<EcgsDbContext> database;
    private readonly EcgsOptions options;
    private readonly IBrokerState broker;
    private readonly TimeProvider clock;
    private TimeSpan pause;
    private volatile AnalysisBacklog? current;

    public BacklogMeter(
        ModuleDatabase<EcgsDbContext> database, EcgsOptions options, IBrokerState broker, IMeterFactory meters, TimeProvider clock,
        ILogger<BacklogMeter> logger)
        : base("measurement of the analysis backlog", Every, clock, logger)
    {
        (this.database, this.options, this.broker, this.clock) = (database, options, broker, clock);
        var meter = meters.Create("Idoven.Ecgs");
        Gauge("ecgs_waiting", null, backlog => backlog.Ecgs, "ECGs that wait for their first analysis.");
        Gauge("ecgs_waiting_samples", null, backlog => backlog.Samples, "Samples of the ECGs that wait for their first analysis.");
        Gauge("ecgs_waiting_oldest", "s", backlog => backlog.Oldest.TotalSeconds, "How long the oldest of them has waited.");
        Gauge(
            "ecgs_drain", null, backlog => backlog.SamplesPerSecond, "Samples that all hosts together analyse in a second, as measured.",
            hides: 0);

        void Gauge(string name, string? unit, Func<AnalysisBacklog, double> value, string description, double? hides = null) =>
            meter.CreateObservableGauge(
                name,
                () => current is { } backlog && value(backlog) is var now && now != hides ? new Measurement<double>[] { new(now) } : [],
                unit,
                description);
    }

    public AnalysisBacklog? Current => current;

    public bool IsBehind => current?.Oldest > BehindAfter && broker.IsAvailable;

    public string? Degraded => RetryAfterSeconds() is null
        ? null
        : "backlog: new uploads are rejected, because the analysis is too far behind";

    public int? RetryAfterSeconds() => current?.Excess(options.Backlog) is { } excess && excess > TimeSpan.Zero && broker.IsAvailable
        ? (int)Math.Clamp(Math.Ceiling(excess.TotalSeconds), 1, LongestRetryAfterSeconds)
        : null;

    protected override string Effect => "Uploads are accepted meanwhile.";

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        await Task.Delay(pause, clock, stoppingToken);
        var start = clock.GetTimestamp();
        current = await Measure(stoppingToken);
        var rest = clock.GetElapsedTime(start) * PauseFactor;
        pause = rest > Every ? rest : TimeSpan.Zero;
    }

    protected override void OnFailure()
    {
        current = null;
        pause = TimeSpan.Zero;
    }

    private async Task<AnalysisBacklog> Measure(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select count(*), coalesce(sum(samples), 0)::bigint,
              coalesce(greatest(extract(epoch from now() - min(next_attempt_at)), 0), 0)::double precision,
              (select coalesce(sum(samples_per_second), 0) from ecgs.analysis_hosts where {ReportAnalysisHost.IsLive})
            from ecgs.ecgs
            where status = 'queued' and dispatched_at is null and attempts = 0
              and {DispatchEcgsJob.Lane} < {DispatchEcgsJob.FirstReprocessingLane}
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new AnalysisBacklog(reader.GetInt64(0), reader.GetInt64(1), TimeSpan.FromSeconds(reader.GetDouble(2)), reader.GetDouble(3));
    }
}
