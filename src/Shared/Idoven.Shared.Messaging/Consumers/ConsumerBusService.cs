using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Transport;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Consumers;

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
internal sealed class ConsumerBusService<TDb>(
    Uri uri, ModuleEndpoints<TDb> endpoints, Broker broker, ConsumerGate<TDb> gate, IServiceProvider services, TimeProvider clock,
    ILoggerFactory loggers)
    : PeriodicService($"consumers of {endpoints.Module}", CheckEvery, clock,
        loggers.CreateLogger<ConsumerBusService<TDb>>()), IModuleConsumers
    where TDb : DbContext
{
    // The broker ends a connection that is silent for two to three of these: the deliveries that a frozen host holds then go to another
    // host within the time in which that host takes over as the leader.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    // Running deliveries cannot store their results then.
    private static readonly TimeSpan StopWithoutDatabaseWithin = TimeSpan.FromSeconds(3);

    // Longer than the broker needs to confirm the end of deliveries.
    private static readonly TimeSpan DeliveriesEndWithin = TimeSpan.FromSeconds(1);

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

        using var stopping = new CancellationTokenSource();
        using var closed = new CancellationTokenSource();
        var sockets = new BusSockets();
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(uri, host =>
            {
                host.Heartbeat(Heartbeat);
                host.OnRefreshConnectionFactory = factory =>
                {
                    factory.SocketFactory = sockets.Create;
                    return Task.CompletedTask;
                };
            });
            endpoints.Configure(services, rabbit, new BusLifetime(stopping.Token, closed.Token));
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
            current = null;
            await Stop(bus, stopping, closed, sockets);
        }
    }

    /// <summary>
    /// Stops the bus. Running deliveries are finished; if the acknowledgement is lost, the inbox recognizes the repeated delivery.
    /// Deliveries that wait at the gate return to their queues after the broker has stopped delivering: otherwise it would deliver them to
    /// this bus again at once, and count each delivery towards the limit.
    /// </summary>
    private async Task Stop(
        IBusControl bus, CancellationTokenSource stopping, CancellationTokenSource closed, BusSockets sockets)
    {
        try
        {
            var stop = bus.StopAsync(gate.StopsDeliveries ? StopWithoutDatabaseWithin : StopWithin);
            await Task.WhenAny(stop, Task.Delay(DeliveriesEndWithin, clock));
            await stopping.CancelAsync();
            await stop;
        }
        finally
        {
            // A bus that did not stop in time keeps its connection, and its deliveries would not reach another host.
            sockets.Close();
            await closed.CancelAsync();
        }
    }
}

/// <summary>Degraded if the consumers of a module receive no messages.</summary>
internal sealed class ConsumerBusService(IEnumerable<IModuleConsumers> modules) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(modules.All(module => module.AreConnected)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("not connected: messages wait in their queues"));
}
