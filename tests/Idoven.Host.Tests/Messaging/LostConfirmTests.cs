using Idoven.Host.Tests.Parts;
using Idoven.Shared.Messaging.Transport;

namespace Idoven.Host.Tests.Messaging;

/// <summary>A host whose connections to the broker lead through a proxy.</summary>
public sealed class ProxiedHost(RunningParts parts) : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    internal BrokerProxy Proxy { get; private set; } = null!;

    /// <summary>Gets the host's clock, which lets the time for a confirm elapse.</summary>
    internal ImpatientClock Clock { get; } = new(Publishing.ConfirmWithin);

    /// <summary>Gets the broker's own address.</summary>
    internal Uri Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var settings = await parts.OwnParts();
        Broker = settings.Broker;
        Proxy = new BrokerProxy(Broker);
        Host = await RunningHost.StartAt(Clock, settings with { Broker = Proxy.Uri });
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Proxy.Dispose();
    }
}

/// <summary>The connection to the broker fails after a message was published and before its confirm has arrived.</summary>
public sealed class LostConfirmTests(ProxiedHost proxied) : IClassFixture<ProxiedHost>
{
    private const string MessageExchange = "Idoven.Ecgs.Contracts:EcgSubmitted";
    private const string EventExchange = "idoven.events";
    private readonly RunningHost host = proxied.Host;

    [Theory]
    [InlineData(MessageExchange)]
    [InlineData(EventExchange)]
    public async Task A_message_whose_confirm_is_lost_is_sent_again_under_its_id(string exchange)
    {
        await using var received = await WatchingQueue.Bind(proxied.Broker, exchange, "#");
        var fault = proxied.Proxy.LoseConfirm(exchange);

        var row = await Add(exchange);
        await Eventually.Holds(() => Task.FromResult(received.Seen.Count == 1));
        Assert.False(await IsSent(row));
        await fault.Disconnect();

        await Eventually.Holds(() => IsSent(row));
        await Eventually.Holds(() => Task.FromResult(received.Seen.Count == 2));
        Assert.Equal([await MessageId(row)], received.Seen.Select(message => message.Id).Distinct());
    }

    [Theory]
    [InlineData(MessageExchange)]
    [InlineData(EventExchange)]
    public async Task A_message_that_is_lost_with_its_connection_is_sent_again(string exchange)
    {
        await using var received = await WatchingQueue.Bind(proxied.Broker, exchange, "#");
        var fault = proxied.Proxy.LoseMessage(exchange);

        var row = await Add(exchange);
        await fault.Disconnect();

        await Eventually.Holds(() => Task.FromResult(received.Seen.Count == 1));
        await Eventually.Holds(() => IsSent(row));
        Assert.Equal(await MessageId(row), Assert.Single(received.Seen).Id);
    }

    [Fact]
    public async Task A_message_without_a_confirm_in_ten_seconds_has_failed_and_is_sent_again_under_its_id()
    {
        await using var received = await WatchingQueue.Bind(proxied.Broker, MessageExchange);
        var fault = proxied.Proxy.LoseConfirm(MessageExchange);
        proxied.Clock.IsImpatient = true;

        var row = await Add(MessageExchange);
        await Eventually.Holds(() => host.Query<bool>("select attempts >= 1 from ecgs.outbox where id = $1", row));
        proxied.Clock.IsImpatient = false;
        Assert.False(await IsSent(row));

        // Otherwise the heartbeat closes the silent connection.
        await fault.Disconnect();
        await Eventually.Holds(() => IsSent(row));
        Assert.Equal([await MessageId(row)], received.Seen.Select(message => message.Id).Distinct());
    }

    /// <summary>Adds a message between modules, or a public event.</summary>
    /// <returns>The id of its row in the outbox.</returns>
    private async Task<long> Add(string exchange)
    {
        var key = Guid.NewGuid();
        if (exchange == EventExchange)
        {
            await host.AddEvents(key);
            return await host.Query<long>("select id from ecgs.outbox where key = $1", key);
        }

        return await host.AddMessage(key);
    }

    private Task<bool> IsSent(long row) => host.Query<bool>("select sent_at is not null from ecgs.outbox where id = $1", row);

    private async Task<string> MessageId(long row) => $"{await host.Query<Guid>("select message_id from ecgs.outbox where id = $1", row)}";
}
