using System.Text.Json;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Parking;

/// <summary>
/// Moves the messages of the module's dead-letter queues into <c>parked</c>, where an operator lists and replays them. If the module
/// records failures of a message elsewhere, as on an ECG, it is recorded there instead. A message is acknowledged after the commit.
/// </summary>
internal sealed class DeadLetterJob<TDb>(
    ModuleMessaging<TDb> module, Parking<TDb> parking, Topology topology, Broker broker,
    IServiceScopeFactory scopes, TimeProvider clock, DeadLetterSchedule<TDb> schedule,
    ILogger<DeadLetterJob<TDb>> logger) : IBackgroundJob<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 50;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (!broker.IsAvailable || clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        schedule.Next = clock.GetUtcNow() + DeadLetterSchedule<TDb>.Every;
        var channel = await broker.OpenChannel(options: null, ct);
        try
        {
            var isMore = false;
            foreach (var queue in topology.QueuesOf(module.Module))
            {
                isMore |= await Move(channel, queue, ct);
            }

            if (isMore)
            {
                schedule.Next = clock.GetUtcNow();
            }

            return isMore;
        }
        finally
        {
            // Messages that are not acknowledged return to the dead-letter queue.
            await broker.CloseChannel(channel);
        }
    }

    /// <returns>True if the queue may hold more messages.</returns>
    private async Task<bool> Move(IChannel channel, string queue, CancellationToken ct)
    {
        for (var count = 0; count < BatchSize; count++)
        {
            var taken = await BrokerCall.Run(
                limited => channel.BasicGetAsync(Topology.DeadLetters(queue), autoAck: false, limited), clock, ct);
            if (taken is null)
            {
                return false;
            }

            var letter = DeadLetter.Read(taken.BasicProperties, taken.Body.Span);
            try
            {
                if (!await RecordElsewhere(letter, ct))
                {
                    await parking.Store(letter, queue, Topology.DeliveryLimit, ct);
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested && !DatabaseUnavailable.Is(e) && !DatabaseUnavailable.IsTransient(e))
            {
                logger.LogWarning(
                    e, "Dead letter {MessageId} of {Queue} could not be stored as a message; its bytes are stored instead",
                    letter.MessageId, queue);
                await parking.Store(DeadLetter.Unreadable(taken.BasicProperties, taken.Body.Span), queue, Topology.DeliveryLimit, ct);
            }

            await channel.BasicAckAsync(taken.DeliveryTag, multiple: false, ct);
        }

        return true;
    }

    /// <returns>False if the module registers no <see cref="IFailedDelivery{TMessage}"/> for the message.</returns>
    private async Task<bool> RecordElsewhere(DeadLetter letter, CancellationToken ct)
    {
        if (topology.FindMessage(letter.Type) is not { } contract)
        {
            return false;
        }

        await using var scope = scopes.CreateBackgroundScope();
        var recorder = (IFailureRecorder)Activator.CreateInstance(typeof(FailureRecorder<>).MakeGenericType(typeof(TDb), contract.Type))!;
        return await recorder.Record(scope.ServiceProvider, letter.Body, ct);
    }

    private interface IFailureRecorder
    {
        Task<bool> Record(IServiceProvider services, string body, CancellationToken ct);
    }

    private sealed class FailureRecorder<TMessage> : IFailureRecorder
        where TMessage : class
    {
        public async Task<bool> Record(IServiceProvider services, string body, CancellationToken ct)
        {
            if (services.GetService<IFailedDelivery<TMessage>>() is not { } failed)
            {
                return false;
            }

            var message = JsonSerializer.Deserialize<TMessage>(body, MessageContracts.Json)
                ?? throw new JsonException("The message is null.");
            await failed.Failed(message, new DeliveryLimitException(), ct);
            return true;
        }
    }
}

/// <summary>
/// A message reached the delivery limit of its queue: its deliveries ended without an acknowledgement, for example in a crash of the host.
/// </summary>
internal sealed class DeliveryLimitException() : Exception("The message reached the delivery limit of its queue.");

/// <summary>The time of the next read of the dead-letter queues of a module.</summary>
internal sealed class DeadLetterSchedule<TDb>
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    public DateTimeOffset Next { get; set; }
}
