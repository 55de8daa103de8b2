using Idoven.Shared.Messaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>The delivery that this scope handles. Outside a consumer there is none.</summary>
internal sealed class Inbox(TimeProvider clock)
{
    private InboxRow? pending;

    /// <summary>Gets the queue of the delivery; null outside a consumer.</summary>
    public string? Consumer { get; private set; }

    public void StartDelivery(Guid messageId, string consumer)
    {
        Consumer = consumer;
        pending = new InboxRow { MessageId = messageId, Consumer = consumer, ReceivedAt = clock.GetUtcNow() };
    }

    /// <summary>Returns the row once: it belongs to the first SaveChanges of the scope.</summary>
    public InboxRow? TakePending()
    {
        var row = pending;
        pending = null;
        return row;
    }

    public static bool IsDuplicate(Exception exception) =>
        exception is DbUpdateException { InnerException: PostgresException violation }
        && violation is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: InboxRow.PrimaryKey };
}

/// <summary>Adds the inbox row to the first SaveChanges of a consumer's scope, so that it is in one transaction with the effect.</summary>
internal sealed class RecordDelivery<TDb>(Inbox inbox) : SaveChangesInterceptor
    where TDb : DbContext
{
    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is TDb db && inbox.TakePending() is { } row)
        {
            db.Add(row);
        }

        return ValueTask.FromResult(result);
    }
}
