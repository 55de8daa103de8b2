using Idoven.Shared.Messaging.Messages;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Transport;

/// <summary>Publishes with confirms: when a send returns, the message is on the broker's disk.</summary>
internal sealed class Publisher(Broker broker, TimeProvider clock)
{
    /// <summary>Gets whether nothing can be published now: the broker is unavailable, or accepts no messages because of an alarm.</summary>
    public bool IsUnavailable => broker.Connection is null || broker.IsBlocked;

    /// <exception cref="InvalidOperationException">The broker is unavailable.</exception>
    /// <exception cref="TimeoutException">The broker did not respond in time.</exception>
    public async Task<Publishing> Open(CancellationToken ct)
    {
        var connection = broker.Connection ?? throw new InvalidOperationException("The broker is unavailable.");
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: null);
        return new Publishing(await BrokerCall.Run(limited => connection.CreateChannelAsync(options, limited), clock, ct), clock);
    }
}

/// <summary>One channel. Messages arrive in the order in which their sends are started.</summary>
internal sealed class Publishing(IChannel channel, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(10);

    public bool IsOpen => channel.IsOpen;

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The broker rejected the message, or no queue received it.</exception>
    /// <exception cref="TimeoutException">The broker did not confirm in time.</exception>
    public async Task Send(OutboundMessage wire, bool mandatory, CancellationToken ct) =>
        await channel.BasicPublishAsync(wire.Exchange, wire.RoutingKey, mandatory, wire.Properties, wire.Body, ct)
            .AsTask().WaitAsync(ConfirmWithin, ct);

    /// <summary>Closes the channel. Does not wait longer than the limit for a broker that does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        var closing = channel.DisposeAsync().AsTask();
        await closing.WaitAsync(BrokerCall.Limit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
