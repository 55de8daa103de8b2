using Idoven.Shared.Messaging.Messages;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Transport;

/// <summary>
/// The exchanges, queues and bindings of all modules, also of those that this host does not run: a message that is sent before the first
/// start of a module waits in its queue. The arguments must equal what MassTransit declares for its endpoints.
/// </summary>
internal sealed class Topology
{
    // Set explicitly, because the default is 20 in RabbitMQ 4 and no limit in 3.10.
    public const int DeliveryLimit = 20;

    private readonly List<(string Queue, MessageContract Message)> bindings = [];

    public static string DeadLetters(string queue) => $"{queue}_dead";

    public static Dictionary<string, object?> QueueArguments(string queue) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = DeadLetters(queue),
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    public IEnumerable<string> DeadLetterQueues => bindings.Select(binding => DeadLetters(binding.Queue));

    /// <summary>Gets the queues of one module, whose names start with the module's name.</summary>
    public IEnumerable<string> QueuesOf(string module) =>
        bindings.Select(binding => binding.Queue).Where(queue => queue.StartsWith($"{module}-", StringComparison.Ordinal));

    /// <summary>Adds a queue that receives every message of one type.</summary>
    public void Bind(string queue, MessageContract message) => bindings.Add((queue, message));

    /// <summary>
    /// Finds a message type by its stored name among those that a queue receives. A parked message may be one of another module.
    /// </summary>
    /// <returns>Null if no queue receives such messages.</returns>
    public MessageContract? FindMessage(string name) =>
        bindings.Select(binding => binding.Message).FirstOrDefault(message => message.Name == name);

    public async Task Declare(IConnection connection, CancellationToken ct)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.ExchangeDeclareAsync(OutboundMessage.EventsExchange, ExchangeType.Topic, durable: true, cancellationToken: ct);
        foreach (var (queue, message) in bindings)
        {
            var dead = DeadLetters(queue);
            await channel.ExchangeDeclareAsync(dead, ExchangeType.Fanout, durable: true, cancellationToken: ct);
            await channel.QueueDeclareAsync(dead, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
            await channel.QueueBindAsync(dead, dead, "", cancellationToken: ct);

            await channel.ExchangeDeclareAsync(message.Exchange, ExchangeType.Fanout, durable: true, cancellationToken: ct);
            await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: ct);
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, QueueArguments(queue), cancellationToken: ct);
            await channel.QueueBindAsync(queue, queue, "", cancellationToken: ct);
            await channel.ExchangeBindAsync(queue, message.Exchange, "", cancellationToken: ct);
        }
    }
}
