using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Host.Tests.Messaging;

/// <summary>The user of a subscriber can only read events, with its own queues, as broker/definitions.json states.</summary>
public sealed class SubscriberAccessTests(RunningParts parts)
{
    private readonly string mine = $"sub.demo.{Guid.NewGuid():N}";

    [Fact]
    public async Task A_subscriber_binds_and_reads_its_own_queue()
    {
        await using var demo = await Connect(parts.Broker.Subscriber);
        await using var channel = await demo.CreateChannelAsync();
        await channel.QueueDeclareAsync(mine, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(mine, "idoven.events", "ecg.#");
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        await Eventually.Holds(async () =>
            await channel.BasicGetAsync(mine, autoAck: true) is { } message
                && System.Text.Encoding.UTF8.GetString(message.Body.Span).Contains(ecg.ToString(), StringComparison.Ordinal));

        await channel.QueueDeleteAsync(mine);
    }

    [Fact]
    public async Task Subscriber_cannot_publish_to_exchanges_or_queues_of_the_service()
    {
        await AssertRefused(channel => channel.BasicPublishAsync("idoven.events", "ecg.processed.v1", "{}"u8.ToArray()).AsTask());
        await AssertRefused(channel => channel.BasicPublishAsync("", "ecgs-process-ecg", "{}"u8.ToArray()).AsTask());
        await AssertRefused(channel => channel.BasicPublishAsync("Idoven.Ecgs.Contracts:EcgSubmitted", "", "{}"u8.ToArray()).AsTask());
    }

    [Fact]
    public async Task Subscriber_cannot_read_delete_or_purge_queues_of_others()
    {
        var others = $"sub.other.{Guid.NewGuid():N}";
        await using var host = await Connect(parts.Broker.Uri);
        await using var channel = await host.CreateChannelAsync();
        await channel.QueueDeclareAsync(others, durable: true, exclusive: false, autoDelete: false);

        foreach (var queue in (string[])[others, "ecgs-process-ecg", "ecgs-process-ecg_dead", "identity-create-account"])
        {
            await AssertRefused(refused => refused.BasicGetAsync(queue, autoAck: false));
            await AssertRefused(refused => refused.QueueDeleteAsync(queue));
            await AssertRefused(refused => refused.QueuePurgeAsync(queue));
        }

        await channel.QueueDeleteAsync(others);
    }

    [Fact]
    public async Task Subscriber_cannot_declare_other_queues_or_bind_to_other_exchanges()
    {
        await AssertRefused(channel => channel.QueueDeclareAsync($"sub.other.{Guid.NewGuid():N}"));
        await AssertRefused(channel => channel.QueueDeclareAsync("sub.demonstration.queue"));
        await AssertRefused(channel => channel.QueueDeclareAsync());
        await AssertRefused(channel => channel.ExchangeDeleteAsync("idoven.events"));
        await AssertRefused(async channel =>
        {
            await channel.QueueDeclareAsync(mine);
            await channel.QueueBindAsync(mine, "Idoven.Users.Contracts:UserRegistered", "");
        });
    }

    [Fact]
    public async Task Unread_queue_keeps_the_newest_256_MiB()
    {
        const int sent = 260;
        const int kept = 256;
        var megabyte = new byte[1024 * 1024];
        await using var demo = await Connect(parts.Broker.Subscriber);
        await using var channel = await demo.CreateChannelAsync();
        await channel.QueueDeclareAsync(mine, durable: true, exclusive: false, autoDelete: false);
        await using var host = await Connect(parts.Broker.Uri);
        await using var confirming = await host.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

        for (var i = 0; i < sent; i++)
        {
            megabyte[0] = (byte)(i % 256);
            await confirming.BasicPublishAsync("", mine, megabyte);
        }

        Assert.Equal((uint)kept, await channel.MessageCountAsync(mine));
        Assert.Equal(sent - kept, (await channel.BasicGetAsync(mine, autoAck: true))!.Body.Span[0]);
        await channel.QueueDeleteAsync(mine);
    }

    [Fact]
    public async Task Default_user_of_the_broker_cannot_sign_in() =>
        Assert.IsType<AuthenticationFailureException>((await Assert.ThrowsAsync<BrokerUnreachableException>(() =>
            Connect(new UriBuilder(parts.Broker.Uri) { UserName = "guest", Password = "guest" }.Uri))).InnerException);

    private static Task<IConnection> Connect(Uri broker) =>
        new ConnectionFactory { Uri = broker, ClientProvidedName = "test" }.CreateConnectionAsync();

    /// <summary>Runs an action as the subscriber on a new channel, which the broker must close with "access refused".</summary>
    private async Task AssertRefused(Func<IChannel, Task> action)
    {
        await using var demo = await Connect(parts.Broker.Subscriber);
        await using var channel = await demo.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await Assert.ThrowsAnyAsync<Exception>(() => action(channel));
        Assert.Equal(Constants.AccessRefused, channel.CloseReason!.ReplyCode);
    }
}
