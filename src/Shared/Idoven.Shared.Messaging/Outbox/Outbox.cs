using System.Diagnostics;
using System.Text.Json;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>The outbox of one module: rows in its own DbContext.</summary>
internal sealed class Outbox<TDb>(TDb db, ModuleMessaging<TDb> module, TimeProvider clock) : IOutbox<TDb>
    where TDb : DbContext
{
    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class
    {
        var contract = module.Contracts.Get(typeof(T));
        db.Add(new OutboxRow
        {
            MessageId = Guid.CreateVersion7(clock.GetUtcNow()),
            Key = key,
            Type = contract.Name,
            IsPublic = contract.IsPublic,
            Body = JsonSerializer.Serialize(message, MessageContracts.Json),
            Traceparent = traceparent ?? Activity.Current?.Id,
            CreatedAt = clock.GetUtcNow(),
        });
    }
}
