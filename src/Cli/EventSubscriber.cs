using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Cli;

/// <summary>An event as the broker delivered it.</summary>
/// <param name="At">The clock's timestamp of its arrival.</param>
internal sealed record ReceivedEvent(string RoutingKey, string? ContentType, byte[] Body, long At);

/// <summary>
/// Another program that wants to know of ECGs: a queue of its own, bound to the public events. It knows the exchange and the keys,
/// and nothing of the service.
/// </summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    public const string Exchange = "idoven.events";
    private const string Keys = "ecg.#";
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly Channel<ReceivedEvent> events = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly IConnection connection;

    private EventSubscriber(IConnection connection, string queue) => (this.connection, Queue) = (connection, queue);

    /// <summary>The queue's name; it goes with this connection.</summary>
    public string Queue { get; }

    /// <summary>Begins to listen: what is published from now on is received.</summary>
    /// <exception cref="CliException">The broker can't be reached or refuses, or has no such exchange.</exception>
    public static async Task<EventSubscriber> Listen(Uri broker, TimeProvider clock, CancellationToken ct)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = "idoven demo",
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = ConnectWithin,
        };
        var place = $"{broker.Host}:{factory.Endpoint.Port}";
        try
        {
            var connection = await factory.CreateConnectionAsync(ct);

            // A subscriber may declare queues under its own name only.
            var subscriber = new EventSubscriber(connection, $"sub.{factory.UserName}.demo-{Guid.NewGuid():N}");
            await subscriber.Consume(clock, ct);
            return subscriber;
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException)
        {
            throw new CliException($"the broker at {place} refuses user {factory.UserName} with this password.");
        }
        catch (BrokerUnreachableException e)
        {
            throw new CliException($"no broker at {place} ({(e.InnerException?.InnerException ?? e.InnerException ?? e).Message}); ./idoven up starts one.");
        }
        catch (OperationInterruptedException e)
        {
            throw new CliException($"the broker at {place} refuses to bind a queue to {Exchange}: {e.ShutdownReason?.ReplyText}");
        }
    }

    /// <summary>The first event about an ECG.</summary>
    public async Task<ReceivedEvent> WaitFor(Guid ecg, CancellationToken ct)
    {
        await foreach (var received in events.Reader.ReadAllAsync(ct))
        {
            if (IsAbout(received, ecg))
            {
                return received;
            }
        }

        throw new CliException("the broker closed the connection before the event came.");
    }

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();

    private async Task Consume(TimeProvider clock, CancellationToken ct)
    {
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            events.Writer.TryComplete();
            return Task.CompletedTask;
        };
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: ct);
        await channel.QueueBindAsync(Queue, Exchange, Keys, cancellationToken: ct);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The body's memory is the library's: it must be copied before this returns.
            events.Writer.TryWrite(new ReceivedEvent(delivery.RoutingKey, delivery.BasicProperties.ContentType, delivery.Body.ToArray(), clock.GetTimestamp()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: true, consumer, ct);
    }

    private static bool IsAbout(ReceivedEvent received, Guid ecg)
    {
        try
        {
            using var document = JsonDocument.Parse(received.Body);
            return document.RootElement.TryGetProperty("subject", out var subject) && Guid.TryParse(subject.GetString(), out var id) && id == ecg;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
