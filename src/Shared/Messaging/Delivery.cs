using System.Diagnostics;
using Idoven.Shared.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging;

/// <summary>
/// Round every consumer: one scope a try, the inbox, three quick retries, then the failure is written down and the message
/// acknowledged. A database that is away is waited for, unacknowledged, and never counts as a try.
/// </summary>
internal sealed class Delivery<TConsumer, TMessage, TDb>(IServiceProvider services, string queue) : IConsumer<TMessage>
    where TConsumer : class, IConsumer<TMessage>
    where TMessage : class
    where TDb : DbContext
{
    private static readonly TimeSpan[] QuickRetries = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(1600)];
    private static readonly TimeSpan AskDatabaseEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitForDatabase = TimeSpan.FromMinutes(20);
    private readonly ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"Idoven.Messaging.{queue}");

    public async Task Consume(ConsumeContext<TMessage> context)
    {
        var messageId = context.MessageId ?? throw new InvalidDataException("The message has no id.");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await WithDatabase(() => Handle(context, messageId), context.CancellationToken);
                return;
            }
            catch (Exception e) when (!context.CancellationToken.IsCancellationRequested && !DatabaseAway.Is(e))
            {
                // Data that cannot be read will not be readable in a second.
                if (attempt == QuickRetries.Length || e is InvalidDataException)
                {
                    logger.LogWarning(e, "Message {MessageId} could not be handled", messageId);
                    await WithDatabase(() => Failed(context, messageId, e), context.CancellationToken);
                    return;
                }

                await Task.Delay(QuickRetries[attempt], context.CancellationToken);
            }
        }
    }

    private async Task Handle(ConsumeContext<TMessage> context, Guid messageId)
    {
        await using var scope = services.CreateBackgroundScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        if (!await db.Set<InboxRow>().AnyAsync(row => row.MessageId == messageId && row.Consumer == queue, context.CancellationToken))
        {
            scope.ServiceProvider.GetRequiredService<Inbox>().Begin(messageId, queue);
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

    private async Task WithDatabase(Func<Task> work, CancellationToken ct)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (DatabaseAway.Is(e) && Stopwatch.GetElapsedTime(since) < WaitForDatabase && !ct.IsCancellationRequested)
            {
                logger.LogWarning("The database is away: the message waits");
                await Task.Delay(AskDatabaseEvery, ct);
            }
        }
    }
}
