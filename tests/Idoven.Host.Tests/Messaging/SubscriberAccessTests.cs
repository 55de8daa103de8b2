using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Host.Tests.Messaging;

/// <summary>What a subscriber's user may do at the broker, which is what broker/definitions.json says: read the events, and nothing else.</summary>
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
            await channel.BasicGetAsync(mine, autoAck: true) is { } message && System.Text.Encoding.UTF8.GetString(message.Body.Span).Contains(ecg.ToString(), StringComparison.Ordinal));

        await channel.QueueDeleteAsync(mine);
    }

    [Fact]
    public async Task A_subscriber_publishes_nothing_that_others_could_take_for_the_services_own()
    {
        await Refused(channel => channel.BasicPublishAsync("idoven.events", "ecg.processed.v1", "{}"u8.ToArray()).AsTask());
        await Refused(channel => channel.BasicPublishAsync("", "ecgs-process-ecg", "{}"u8.ToArray()).AsTask());
        await Refused(channel => channel.BasicPublishAsync("Idoven.Ecgs.Contracts:EcgSubmitted", "", "{}"u8.ToArray()).AsTask());
    }

    [Fact]
    public async Task A_subscriber_reads_no_queue_but_its_own()
    {
        var others = $"sub.other.{Guid.NewGuid():N}";
        await using var host = await Connect(parts.Broker.Uri);
        await using var channel = await host.CreateChannelAsync();
        await channel.QueueDeclareAsync(others, durable: true, exclusive: false, autoDelete: false);

        foreach (var queue in (string[])[others, "ecgs-process-ecg", "ecgs-process-ecg_dead", "identity-create-account"])
        {
            await Refused(refused => refused.BasicGetAsync(queue, autoAck: false));
            await Refused(refused => refused.QueueDeleteAsync(queue));
            await Refused(refused => refused.QueuePurgeAsync(queue));
        }

        await channel.QueueDeleteAsync(others);
    }

    [Fact]
    public async Task A_subscriber_makes_no_queue_under_another_name_and_binds_to_nothing_else()
    {
        await Refused(channel => channel.QueueDeclareAsync($"sub.other.{Guid.NewGuid():N}"));
        await Refused(channel => channel.QueueDeclareAsync("sub.demonstration.queue"));
        await Refused(channel => channel.QueueDeclareAsync());
        await Refused(channel => channel.ExchangeDeleteAsync("idoven.events"));
        await Refused(async channel =>
        {
            await channel.QueueDeclareAsync(mine);
            await channel.QueueBindAsync(mine, "Idoven.Users.Contracts:UserRegistered", "");
        });
    }

    [Fact]
    public async Task A_queue_that_nobody_reads_keeps_256_MiB_of_the_newest()
    {
        const int sent = 260;
        const int kept = 256;
        var megabyte = new byte[1024 * 1024];
        await using var demo = await Connect(parts.Broker.Subscriber);
        await using var channel = await demo.CreateChannelAsync();
        await channel.QueueDeclareAsync(mine, durable: true, exclusive: false, autoDelete: false);
        await using var host = await Connect(parts.Broker.Uri);
        await using var confirming = await host.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

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
    public async Task Nobody_knows_the_brokers_usual_user() =>
        Assert.IsType<AuthenticationFailureException>((await Assert.ThrowsAsync<BrokerUnreachableException>(() =>
            Connect(new UriBuilder(parts.Broker.Uri) { UserName = "guest", Password = "guest" }.Uri))).InnerException);

    private static Task<IConnection> Connect(Uri broker) => new ConnectionFactory { Uri = broker, ClientProvidedName = "test" }.CreateConnectionAsync();

    /// <summary>As the subscriber, on a channel of its own: the broker closes one that asks for too much.</summary>
    private async Task Refused(Func<IChannel, Task> action)
    {
        await using var demo = await Connect(parts.Broker.Subscriber);
        await using var channel = await demo.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await Assert.ThrowsAnyAsync<Exception>(() => action(channel));
        Assert.Equal(Constants.AccessRefused, channel.CloseReason!.ReplyCode);
    }
}
