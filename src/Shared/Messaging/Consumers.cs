using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging;

/// <summary>
/// MassTransit's bus of all consumers of this host. It lives as long as the broker is there: after an absence a new one is begun, for
/// MassTransit itself waits longer and longer between its attempts to reconnect, up to a minute, while the relays are back in one second.
/// </summary>
internal sealed class Consumers(Uri uri, BusBuilder builder, Broker broker, IServiceProvider services, TimeProvider clock, ILoggerFactory loggers)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);
    private readonly ILogger logger = loggers.CreateLogger<Consumers>();
    private volatile IBusControl? current;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(current?.CheckHealth().Status == BusHealthStatus.Healthy
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("not connected: messages wait in their queues"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Serve(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("The consumers could not be started ({Error}): tried again", e.Message);
            }

            await Task.Delay(LookEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One bus, from the broker's coming to its going.</summary>
    private async Task Serve(CancellationToken ct)
    {
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
            await bus.StartAsync(ct);
            current = bus;
            while (broker.Connection == connection)
            {
                await Task.Delay(LookEvery, clock, ct);
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
