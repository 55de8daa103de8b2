using System.Globalization;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents the state of a queue that the broker reports: its undelivered messages and its consumers.</summary>
internal sealed record QueueState(uint Messages, uint Consumers)
{
    public static Task<QueueState> Read(Uri broker, string queue) => WithChannel(broker, async channel =>
    {
        var declared = await channel.QueueDeclarePassiveAsync(queue);
        return new QueueState(declared.MessageCount, declared.ConsumerCount);
    });

    /// <summary>
    /// Returns for each message of a queue without consumers the number of earlier deliveries. Reading counts as one more delivery.
    /// </summary>
    public static Task<List<long>> Deliveries(Uri broker, string queue) => WithChannel(broker, async channel =>
    {
        var counts = new List<long>();
        ulong last = 0;
        while (await channel.BasicGetAsync(queue, autoAck: false) is { } message)
        {
            last = message.DeliveryTag;
            counts.Add(
                message.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) == true
                    ? Convert.ToInt64(count, CultureInfo.InvariantCulture)
                    : 0);
        }

        await channel.BasicNackAsync(last, multiple: true, requeue: true);
        return counts;
    });

    /// <summary>Publishes bytes to a queue.</summary>
    public static Task Put(Uri broker, string queue, byte[] body, BasicProperties properties) => WithChannel(broker, async channel =>
    {
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, body);
        return true;
    });

    private static async Task<T> WithChannel<T>(Uri broker, Func<IChannel, Task<T>> use)
    {
        await using var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "test" }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        return await use(channel);
    }
}
