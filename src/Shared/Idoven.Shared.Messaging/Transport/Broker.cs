using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Transport;

/// <summary>
/// Keeps the relays' connection to RabbitMQ open while the host runs. It is available only after the topology is declared on it, so that
/// nothing is published before every queue exists. The consumers have connections of their own.
/// </summary>
internal sealed class Broker(Uri uri, Topology topology, TimeProvider clock, ILogger<Broker> logger)
    : PeriodicService("broker connection", RetryEvery, clock, logger), IBrokerState
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);
    private readonly ILogger logger = logger;
    private readonly TimeProvider clock = clock;
    private volatile IConnection? connection;
    private volatile bool isBlocked;

    /// <summary>Gets the open connection; null while the broker is unavailable.</summary>
    public IConnection? Connection => connection is { IsOpen: true } open ? open : null;

    /// <summary>
    /// Gets whether the broker accepts no messages because of a memory or disk alarm. It reports an alarm at the first publish, so this is
    /// false until something is published.
    /// </summary>
    public bool IsBlocked => isBlocked && Connection is not null;

    public bool IsAvailable => Connection is not null && !isBlocked;

    /// <summary>Opens a channel on the connection.</summary>
    /// <exception cref="InvalidOperationException">The broker is unavailable.</exception>
    /// <exception cref="TimeoutException">The broker did not respond in time.</exception>
    public Task<IChannel> OpenChannel(CreateChannelOptions? options, CancellationToken ct)
    {
        var open = Connection ?? throw new InvalidOperationException("The broker is unavailable.");
        return BrokerCall.Run(limited => open.CreateChannelAsync(options, limited), clock, ct);
    }

    /// <summary>Closes a channel. Does not wait longer than the limit for a broker that does not answer.</summary>
    public async ValueTask CloseChannel(IChannel channel) =>
        await channel.DisposeAsync().AsTask().WaitAsync(BrokerCall.Limit, clock)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    protected override string Effect => "Outgoing messages remain in the outbox.";

    /// <summary>Connects, and returns when the connection is closed.</summary>
    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = uri,
            AutomaticRecoveryEnabled = false,
            ClientProvidedName = "idoven-relay",
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        };
        await using var opened = await factory.CreateConnectionAsync(stoppingToken);
        await topology.Declare(opened, stoppingToken);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        opened.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        opened.ConnectionBlockedAsync += (_, blocked) =>
        {
            isBlocked = true;
            logger.LogWarning("The broker accepts no messages: {Reason}. Outgoing messages remain in the outbox.", blocked.Reason);
            return Task.CompletedTask;
        };
        opened.ConnectionUnblockedAsync += (_, _) =>
        {
            isBlocked = false;
            logger.LogInformation("The broker accepts messages again");
            return Task.CompletedTask;
        };
        isBlocked = false;
        connection = opened;
        logger.LogInformation("Connected to the broker at {Host}:{Port}", uri.Host, factory.Port);
        try
        {
            if (opened.IsOpen)
            {
                await closed.Task.WaitAsync(stoppingToken);
            }
        }
        finally
        {
            (connection, isBlocked) = (null, false);
        }
    }
}

/// <summary>Degraded while the broker accepts no messages. Uploads are accepted nevertheless.</summary>
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
