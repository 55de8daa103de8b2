using Idoven.Shared.Jobs;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging;

/// <summary>
/// MassTransit's bus of all consumers of this host. It lives as long as the broker is there: after an absence a new one is begun, for
/// MassTransit itself waits longer and longer between its attempts to reconnect, up to a minute, while the relays are back in one second.
/// </summary>
internal sealed class Consumers(Uri uri, BusBuilder builder, Broker broker, IServiceProvider services, TimeProvider clock, ILoggerFactory loggers)
    : BackgroundJob("consumers", LookEvery, clock, loggers.CreateLogger<Consumers>()), IHealthCheck
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);
    private readonly TimeProvider clock = clock;
    private volatile IBusControl? current;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(current?.CheckHealth().Status == BusHealthStatus.Healthy
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the consumers are not connected: what is to be done waits in the queues"));

    /// <summary>Runs one bus for as long as the broker's connection is open.</summary>
    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        var connection = broker.Connection;
        if (connection is null)
        {
            return;
        }

        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(uri);
            builder.Configure(services, rabbit);
        });
        try
        {
            await bus.StartAsync(stoppingToken);
            current = bus;
            while (broker.Connection == connection)
            {
                await Task.Delay(LookEvery, clock, stoppingToken);
            }
        }
        finally
        {
            // What is in hand is finished; where its acknowledgement no longer arrives, the inbox knows it at the next delivery.
            current = null;
            await bus.StopAsync(EndWithin);
        }
    }
}
