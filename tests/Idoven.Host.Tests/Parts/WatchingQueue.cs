using System.Collections.Concurrent;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a message as a plain AMQP client receives it.</summary>
internal sealed record SeenMessage(string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Body)
{
    public string? Id => Properties.MessageId;

    public JsonElement Json => JsonElement.Parse(Body);
}

/// <summary>Represents a queue of the test beside those of the product: it receives what is published to an exchange.</summary>
internal sealed class WatchingQueue : IAsyncDisposable
{
    private readonly IConnection connection;
    private readonly IChannel channel;
    private readonly ConcurrentQueue<SeenMessage> seen = new();

    private WatchingQueue(IConnection connection, IChannel channel) => (this.connection, this.channel) = (connection, channel);

    public IReadOnlyList<SeenMessage> Seen => [.. seen];

    public static Task<WatchingQueue> OfEvents(Uri broker) => Bind(broker, "idoven.events", "#");

    public static async Task<WatchingQueue> Bind(Uri broker, string exchange, string routingKey = "")
    {
        var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "test" }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var queue = new WatchingQueue(connection, channel);
        var name = (await channel.QueueDeclareAsync()).QueueName;
        await channel.QueueBindAsync(name, exchange, routingKey);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            queue.seen.Enqueue(
                new SeenMessage(delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(name, autoAck: true, consumer);
        return queue;
    }

    /// <summary>Returns the public events of one ECG, in the order of their arrival.</summary>
    public IReadOnlyList<SeenMessage> FindMessages(Guid ecg) =>
    [
        .. Seen.Where(message => message.Json.GetProperty("subject").GetString() == ecg.ToString()),
    ];

    public Task<SeenMessage> Event(string routingKey, Guid ecg, TimeSpan? within = null) =>
        Eventually.Finds(() => Task.FromResult(FindMessages(ecg).FirstOrDefault(message => message.RoutingKey == routingKey)), within);

    /// <summary>Publishes bytes as any client could.</summary>
    public async Task Publish(string exchange, SeenMessage message, string? id = null)
    {
        var properties = new BasicProperties(message.Properties);
        properties.MessageId = id ?? properties.MessageId;
        await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, message.Body);
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
