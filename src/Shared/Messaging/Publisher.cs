using RabbitMQ.Client;

namespace Idoven.Shared.Messaging;

/// <summary>Publishes with confirms: a send that returned is on the broker's disk.</summary>
internal sealed class Publisher(Broker broker)
{
    public bool IsAway => broker.Connection is null;

    public async Task<Publishing> Open(CancellationToken ct)
    {
        var connection = broker.Connection ?? throw new InvalidOperationException("The broker is away.");
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: null);
        return new Publishing(await connection.CreateChannelAsync(options, ct));
    }
}

/// <summary>One channel. Sends that are begun one after the other arrive in that order.</summary>
internal sealed class Publishing(IChannel channel) : IAsyncDisposable
{
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(10);

    public bool IsOpen => channel.IsOpen;

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The broker refused the message, or no queue took it.</exception>
    /// <exception cref="TimeoutException">No confirm in time.</exception>
    public async Task Send(Wire wire, bool mandatory, CancellationToken ct) =>
        await channel.BasicPublishAsync(wire.Exchange, wire.RoutingKey, mandatory, wire.Properties, wire.Body, ct).AsTask().WaitAsync(ConfirmWithin, ct);

    public ValueTask DisposeAsync() => channel.DisposeAsync();
}
