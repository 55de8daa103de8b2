using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging;

/// <summary>
/// The relays' connection to RabbitMQ: kept open while the host runs, and handed out only after the topology stands on it, so
/// nothing is published before every queue is there. The bus of the consumers has a connection of its own.
/// </summary>
internal sealed class Broker(Uri uri, Topology topology, TimeProvider clock, ILogger<Broker> logger) : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ComplainEvery = TimeSpan.FromMinutes(1);
    private volatile IConnection? connection;
    private volatile bool isBlocked;

    /// <summary>Gets whether the broker takes no messages because of a memory or disk alarm.</summary>
    public bool IsBlocked => isBlocked;

    /// <summary>The open connection; null while the broker is away.</summary>
    public IConnection? Connection => connection is { IsOpen: true } open ? open : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = uri,
            AutomaticRecoveryEnabled = false,
            ClientProvidedName = "idoven-relay",
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        };
        var complained = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await KeepOpen(factory, stoppingToken);
                complained = DateTimeOffset.MinValue;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (clock.GetUtcNow() - complained >= ComplainEvery)
                {
                    complained = clock.GetUtcNow();
                    logger.LogWarning("The broker is away ({Error}): what is to be sent waits in the outbox", e.Message);
                }
            }

            try
            {
                await Task.Delay(RetryEvery, clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task KeepOpen(ConnectionFactory factory, CancellationToken ct)
    {
        await using var opened = await factory.CreateConnectionAsync(ct);
        await topology.Declare(opened, ct);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        opened.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        isBlocked = false;
        opened.ConnectionBlockedAsync += (_, _) => SetBlocked(true);
        opened.ConnectionUnblockedAsync += (_, _) => SetBlocked(false);
        connection = opened;
        logger.LogInformation("Connected to the broker at {Host}:{Port}", uri.Host, factory.Port);
        try
        {
            if (opened.IsOpen)
            {
                await closed.Task.WaitAsync(ct);
            }
        }
        finally
        {
            (connection, isBlocked) = (null, false);
        }
    }

    private Task SetBlocked(bool value)
    {
        isBlocked = value;
        return Task.CompletedTask;
    }
}

/// <summary>Degraded while the broker takes no messages. Uploads are accepted all the same.</summary>
internal sealed class BrokerCheck(Broker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker switch
        {
            { Connection: null } => HealthCheckResult.Degraded("unavailable: uploads are accepted and analysed later"),
            { IsBlocked: true } => HealthCheckResult.Degraded("in alarm (memory or disk): uploads are accepted and analysed later"),
            _ => HealthCheckResult.Healthy(),
        });
}
