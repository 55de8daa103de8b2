using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Shared.Messaging.Operations;

/// <summary>Messages that fell out of a queue in spite of everything: must be 0. Absent while the broker is away.</summary>
internal sealed class DeadLetterGauge : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly Broker broker;
    private readonly Topology topology;
    private readonly TimeProvider clock;
    private volatile object? count;

    public DeadLetterGauge(Broker broker, Topology topology, IMeterFactory meters, TimeProvider clock)
    {
        (this.broker, this.topology, this.clock) = (broker, topology, clock);
        meters.Create(ModuleGauges.MeterName).CreateObservableGauge(
            "bus_error_messages", () => count is long dead ? new Measurement<long>[] { new(dead) } : [], description: "Messages in dead-letter queues.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                count = broker.Connection is { } connection ? await Count(connection, stoppingToken) : null;
            }
            catch (Exception e) when (e is RabbitMQClientException or IOException or ObjectDisposedException)
            {
                count = null;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

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
