using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Idoven.Drills.Checking;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Drills.Load;

/// <summary>
/// Represents a subscriber as an external company would write it: it has its own durable queue, connects directly to the broker, and
/// stores every event in memory before it acknowledges it. If the broker is unavailable, it reconnects.
/// </summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private const string Queue = "sub.demo.drill";
    private const string Exchange = "idoven.events";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<SeenEvent> received = new();
    private readonly CancellationTokenSource ended = new();
    private readonly Task running;

    private Subscriber(Uri broker, TaskCompletionSource connected) => running = Run(broker, connected);

    public IReadOnlyList<SeenEvent> Received => [.. received];

    /// <summary>Declares the exchange as the service does, so that no event is published before the queue is bound.</summary>
    public static async Task<Subscriber> Start(Uri brokerAsService, Uri brokerAsSubscriber, CancellationToken ct)
    {
        await using (var connection = await new ConnectionFactory { Uri = brokerAsService }.CreateConnectionAsync(ct))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: ct);
        }

        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscriber = new Subscriber(brokerAsSubscriber, connected);
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(20), ct);
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await running;
        ended.Dispose();
    }

    private async Task Run(Uri broker, TaskCompletionSource connected)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, ClientProvidedName = "drill-subscriber" };
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await using var connection = await factory.CreateConnectionAsync(ended.Token);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: ended.Token);
                await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: ended.Token);
                await channel.QueueBindAsync(Queue, Exchange, "#", cancellationToken: ended.Token);
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += async (_, delivery) =>
                {
                    received.Enqueue(EventReader.Read(JsonElement.Parse(delivery.Body.ToArray())));
                    await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
                };
                await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, ended.Token);
                connected.TrySetResult();
                while (connection.IsOpen && channel.IsOpen)
                {
                    await Task.Delay(Pause, ended.Token);
                }
            }
            catch (Exception e) when (
                e is RabbitMQClientException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
            {
                // The broker is unavailable. The queue keeps the events that are published meanwhile.
            }

            await Task.Delay(Pause, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
