using Idoven.Shared.Jobs;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging;

/// <summary>The consumers of one module.</summary>
internal interface IModuleConsumers
{
    /// <summary>Gets whether messages are being taken from the module's queues.</summary>
    bool AreConnected { get; }
}

/// <summary>
/// Runs MassTransit's bus of one module's consumers while the broker is connected and the module's database accepts writes. After an outage
/// a new bus is created, because MassTransit itself waits up to a minute between its attempts to reconnect.
/// </summary>
internal sealed class Consumers<TDb>(
    Uri uri, ModuleEndpoints<TDb> endpoints, Broker broker, ConsumerGate<TDb> gate, IServiceProvider services, TimeProvider clock,
    ILoggerFactory loggers)
    : BackgroundJob($"consumers of {endpoints.Module}", CheckEvery, clock, loggers.CreateLogger<Consumers<TDb>>()), IModuleConsumers
    where TDb : DbContext
{
    // The broker ends a connection that is silent for two to three of these: the deliveries that a frozen host holds then go to another host
    // within the time in which that host takes over as the leader.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);
    private readonly TimeProvider clock = clock;
    private readonly ILoggerFactory loggers = loggers;
    private volatile IBusControl? current;

    public bool AreConnected => current?.CheckHealth().Status == BusHealthStatus.Healthy;

    /// <summary>Runs one bus until the broker's connection is closed, the database stays unavailable, or the host stops.</summary>
    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        var connection = broker.Connection;
        if (connection is null || !gate.IsOpen)
        {
            return;
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(uri, host => host.Heartbeat(Heartbeat));
            endpoints.Configure(services, rabbit, stopping.Token);
        });
        try
        {
            await bus.StartAsync(stoppingToken);
            current = bus;
            while (broker.Connection == connection && !gate.StopsDeliveries)
            {
                await Task.Delay(CheckEvery, clock, stoppingToken);
            }
        }
        finally
        {
            // Deliveries that wait at the gate return to their queues. What is being handled is finished; if its acknowledgement no longer
            // arrives, the inbox recognizes the next delivery.
            current = null;
            await stopping.CancelAsync();
            await bus.StopAsync(StopWithin);
        }
    }
}

/// <summary>Degraded if the consumers of a module take no messages.</summary>
internal sealed class Consumers(IEnumerable<IModuleConsumers> modules) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(modules.All(module => module.AreConnected)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("not connected: messages wait in their queues"));
}
