using System.Diagnostics.Metrics;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Transport;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Operations;

/// <summary>Counts the messages in the dead-letter queues. It reports no value while the broker is unavailable.</summary>
internal sealed class DeadLetterGauge : PeriodicService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly Broker broker;
    private readonly Topology topology;
    private readonly TimeProvider clock;
    private volatile object? count;

    public DeadLetterGauge(Broker broker, Topology topology, IMeterFactory meters, TimeProvider clock, ILogger<DeadLetterGauge> logger)
        : base("dead-letter gauge", Every, clock, logger)
    {
        (this.broker, this.topology, this.clock) = (broker, topology, clock);
        meters.Create(ModuleGauges.MeterName).CreateObservableGauge(
            "bus_error_messages", () => count is long dead ? new Measurement<long>[] { new(
                dead) } : [], description: "Messages in dead-letter queues.");
    }

    protected override string Effect => "bus_error_messages reports no value.";

    protected override async Task RunOnce(CancellationToken stoppingToken) =>
        count = broker.Connection is { } connection ? await BrokerCall.Run(ct => Count(connection, ct), clock, stoppingToken) : null;

    protected override void OnFailure() => count = null;

    private async Task<long> Count(IConnection connection, CancellationToken ct)
    {
        var dead = 0L;
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        foreach (var queue in topology.DeadLetterQueues)
        {
            dead += await channel.MessageCountAsync(queue, ct);
        }

        return dead;
    }
}
