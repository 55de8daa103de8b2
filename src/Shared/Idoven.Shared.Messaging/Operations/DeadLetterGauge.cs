using System.Diagnostics.Metrics;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Operations;

/// <summary>Counts the messages in the dead-letter queues. It reports no value while the broker is unavailable.</summary>
internal sealed class DeadLetterGauge : PeriodicService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly QueueBacklog backlog;
    private readonly Topology topology;
    private volatile object? count;

    public DeadLetterGauge(
        QueueBacklog backlog, Topology topology, IMeterFactory meters, TimeProvider clock, ILogger<DeadLetterGauge> logger)
        : base("dead-letter gauge", Every, clock, logger)
    {
        (this.backlog, this.topology) = (backlog, topology);
        meters.Create(ModuleGauges.MeterName).CreateObservableGauge(
            "bus_error_messages",
            () => count is long dead ? new[] { new Measurement<long>(dead) } : [],
            description: "Messages in dead-letter queues.");
    }

    protected override string Effect => "bus_error_messages reports no value.";

    protected override async Task RunOnce(CancellationToken stoppingToken) =>
        count = await backlog.Count(topology.DeadLetterQueues, stoppingToken);

    protected override void OnFailure() => count = null;
}
