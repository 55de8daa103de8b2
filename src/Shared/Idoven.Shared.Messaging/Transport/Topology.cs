using Idoven.Shared.Messaging.Messages;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Transport;

/// <summary>
/// The exchanges, queues and bindings of all modules, also of those that this host does not run: a message that is sent before the first
/// start of a module waits in its queue. This is the only list: MassTransit declares the queues that it consumes from again, with the
/// arguments of <see cref="QueueArguments"/>.
/// </summary>
internal sealed class Topology
{
    // Set explicitly, because the default is 20 in RabbitMQ 4 and no limit in 3.10.
    public const int DeliveryLimit = 20;

    private const string QueueType = "x-queue-type";
    private const string Quorum = "quorum";

    private readonly List<(string Queue, MessageContract Message)> bindings = [];

    public static string DeadLetters(string queue) => $"{queue}_dead";

    public static Dictionary<string, object?> QueueArguments(string queue) => new()
    {
        [QueueType] = Quorum,
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
        foreach (var exchange in bindings.Select(binding => binding.Message.Exchange).Distinct())
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: ct);
        }

        foreach (var (queue, message) in bindings)
        {
            await DeclareQueue(channel, DeadLetters(queue), new() { [QueueType] = Quorum }, ct);
            await DeclareQueue(channel, queue, QueueArguments(queue), ct);
            await channel.ExchangeBindAsync(queue, message.Exchange, "", cancellationToken: ct);
        }
    }

    /// <summary>Declares a queue and the exchange of its name, from which the queue receives everything.</summary>
    private static async Task DeclareQueue(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: ct);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
        await channel.QueueBindAsync(queue, queue, "", cancellationToken: ct);
    }
}
