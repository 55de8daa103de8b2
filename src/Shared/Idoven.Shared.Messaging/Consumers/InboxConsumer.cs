using System.Runtime.ExceptionServices;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Parking;
using Idoven.Shared.Messaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// Wraps every consumer: it adds a separate scope for each attempt, the inbox and three quick retries. Then the failure is recorded and the
/// message is acknowledged. While the database is unavailable, the delivery waits at the module's gate and uses no attempt.
/// </summary>
/// <param name="bus">
/// The bus that delivers. If it is stopped, a waiting delivery returns to its queue. A delivery that arrives after the stop is kept until
/// the connection is closed: returned at once, it would arrive again and again, and exceed the delivery limit.
/// </param>
internal sealed class InboxConsumer<TConsumer, TMessage, TDb>(IServiceProvider services, string queue, BusLifetime bus)
    : IConsumer<TMessage>
    where TConsumer : class, IConsumer<TMessage>
    where TMessage : class
    where TDb : DbContext
{
    private static readonly TimeSpan[] QuickRetries =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(1600)];
    private readonly ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"Idoven.Messaging.{queue}");
    private readonly ConsumerGate<TDb> gate = services.GetRequiredService<ConsumerGate<TDb>>();

    public async Task Consume(ConsumeContext<TMessage> context)
    {
        if (bus.Stopping.IsCancellationRequested)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, bus.Closed);
        }

        var messageId = context.MessageId ?? throw new InvalidDataException("The message has no id.");
        if (await Attempt(() => Handle(context, messageId), context.CancellationToken) is { } failure)
        {
            logger.LogWarning(failure, "Message {MessageId} could not be handled", messageId);
            if (await Attempt(() => Failed(context, messageId, failure), context.CancellationToken) is { } unrecorded)
            {
                ExceptionDispatchInfo.Throw(unrecorded);
            }
        }
    }

    /// <summary>Runs the work, again after each of the quick retries' delays, and again as often as the database was unavailable.</summary>
    /// <returns>Null if it succeeded; otherwise the exception of the last attempt.</returns>
    /// <exception cref="OperationCanceledException">The bus is stopped.</exception>
    private async Task<Exception?> Attempt(Func<Task> work, CancellationToken ct)
    {
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(ct, bus.Stopping);
        for (var attempt = 0; ;)
        {
            await gate.WaitUntilOpen(canceled.Token);
            try
            {
                await work();
                return null;
            }
            catch (Exception e) when (DatabaseUnavailable.Is(e) && !ct.IsCancellationRequested)
            {
                gate.Close(e);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                // Data that cannot be decoded cannot be decoded later either.
                if (attempt == QuickRetries.Length || e is InvalidDataException)
                {
                    return e;
                }

                await Task.Delay(QuickRetries[attempt++], canceled.Token);
            }
        }
    }

    private async Task Handle(ConsumeContext<TMessage> context, Guid messageId)
    {
        await using var scope = services.CreateBackgroundScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        if (!await db.Set<InboxRow>().AnyAsync(row => row.MessageId == messageId && row.Consumer == queue, context.CancellationToken))
        {
            scope.ServiceProvider.GetRequiredService<Inbox>().StartDelivery(messageId, queue);
            try
            {
                await scope.ServiceProvider.GetRequiredService<TConsumer>().Consume(context);
            }
            catch (DbUpdateException e) when (Inbox.IsDuplicate(e))
            {
                logger.LogInformation("Message {MessageId} was handled by another delivery meanwhile", messageId);
            }
        }

        if (context.ReceiveContext.Redelivered || context.ReceiveContext.TransportHeaders.TryGetHeader(Parking<TDb>.ResentHeader, out _))
        {
            await services.GetRequiredService<Parking<TDb>>().Remove(messageId, queue, context.CancellationToken);
        }
    }

    private async Task Failed(ConsumeContext<TMessage> context, Guid messageId, Exception exception)
    {
        await using var scope = services.CreateBackgroundScope();
        if (scope.ServiceProvider.GetService<IFailedDelivery<TMessage>>() is { } own)
        {
            await own.Failed(context.Message, exception, context.CancellationToken);
        }
        else
        {
            await services.GetRequiredService<Parking<TDb>>().Park(context.Message, messageId, queue, exception, context.CancellationToken);
        }
    }
}
