using System.Text.Json;
using System.Threading.Channels;
using Idoven.Cli.Errors;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Cli;

/// <summary>Represents an event as the broker delivered it.</summary>
/// <param name="At">When it arrived, as a timestamp of the clock.</param>
internal sealed record ReceivedEvent(string RoutingKey, string? ContentType, byte[] Body, long At);

/// <summary>
/// Subscribes to the public events as another program would: with its own queue, which is bound to the exchange. It uses the names of
/// the exchange and of the routing keys, and no code of the service.
/// </summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    public const string Exchange = "idoven.events";
    private const string Keys = "ecg.#";
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly Channel<ReceivedEvent> events = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly IConnection connection;

    private EventSubscriber(IConnection connection, string queue) => (this.connection, Queue) = (connection, queue);

    /// <summary>Gets the name of the queue, which is deleted when the connection closes.</summary>
    public string Queue { get; }

    /// <summary>Connects and subscribes. Events that are published from now on are received.</summary>
    /// <exception cref="CliException">The broker is unreachable, rejects the user, or has no such exchange.</exception>
    public static async Task<EventSubscriber> Connect(Uri broker, TimeProvider clock, CancellationToken ct)
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

            // A subscriber may only declare queues whose names start with its user name.
            var subscriber = new EventSubscriber(connection, $"sub.{factory.UserName}.demo-{Guid.NewGuid():N}");
            await subscriber.Consume(clock, ct);
            return subscriber;
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException)
        {
            throw new CliException($"The broker at {place} rejected the user {factory.UserName} with this password.");
        }
        catch (BrokerUnreachableException e)
        {
            var cause = e.InnerException?.InnerException ?? e.InnerException ?? e;
            throw new CliException($"No broker at {place} ({cause.Message}). ./idoven up starts one.");
        }
        catch (OperationInterruptedException e)
        {
            throw new CliException($"The broker at {place} did not bind a queue to {Exchange}: {e.ShutdownReason?.ReplyText}");
        }
    }

    /// <summary>Returns the first event about an ECG.</summary>
    public async Task<ReceivedEvent> WaitFor(Guid ecg, CancellationToken ct)
    {
        await foreach (var received in events.Reader.ReadAllAsync(ct))
        {
            if (IsAbout(received, ecg))
            {
                return received;
            }
        }

        throw new CliException("The broker closed the connection before the event arrived.");
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
            // The library reuses the memory of the body, so it must be copied before this returns.
            var body = delivery.Body.ToArray();
            events.Writer.TryWrite(new(delivery.RoutingKey, delivery.BasicProperties.ContentType, body, clock.GetTimestamp()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: true, consumer, ct);
    }

    private static bool IsAbout(ReceivedEvent received, Guid ecg)
    {
        try
        {
            using var document = JsonDocument.Parse(received.Body);
            return document.RootElement.TryGetProperty("subject", out var subject)
                && Guid.TryParse(subject.GetString(), out var id)
                && id == ecg;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
