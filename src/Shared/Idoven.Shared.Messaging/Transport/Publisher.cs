using Idoven.Shared.Messaging.Messages;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Transport;

/// <summary>Publishes with confirms: when a send returns, the message is on the broker's disk.</summary>
internal sealed class Publisher(Broker broker, TimeProvider clock)
{
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    /// <inheritdoc cref="Broker.IsAvailable"/>
    public bool IsAvailable => broker.IsAvailable;

    /// <inheritdoc cref="Broker.OpenChannel"/>
    public async Task<Publishing> Open(CancellationToken ct) => new(broker, await broker.OpenChannel(Confirmed, ct), clock);
}

/// <summary>One channel. Messages arrive in the order in which their sends are started.</summary>
internal sealed class Publishing(Broker broker, IChannel channel, TimeProvider clock) : IAsyncDisposable
{
    internal static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(10);

    public bool IsOpen => channel.IsOpen;

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The broker rejected the message, or no queue received it.</exception>
    /// <exception cref="TimeoutException">The broker did not confirm in time.</exception>
    public async Task Send(OutboundMessage wire, bool mandatory, CancellationToken ct) =>
        await channel.BasicPublishAsync(wire.Exchange, wire.RoutingKey, mandatory, wire.Properties, wire.Body, ct)
            .AsTask().WaitAsync(ConfirmWithin, clock, ct);

    public ValueTask DisposeAsync() => broker.CloseChannel(channel);
}
