using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>Publishes messages: each is a row in the transaction of the caller.</summary>
public interface IOutbox
{
    /// <summary>Adds the message to the module's DbContext. It is saved by the same SaveChanges as the other changes.</summary>
    /// <param name="message">A message or public event that the module has registered as its contract.</param>
    /// <param name="key">The id of the aggregate. Messages of one key keep their order.</param>
    /// <param name="traceparent">The trace context (W3C traceparent) that the message continues; null for the current one.</param>
    /// <exception cref="InvalidOperationException">The type is not among the module's contracts.</exception>
    void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class;
}

/// <summary>The outbox of the module whose database is <typeparamref name="TDb"/>.</summary>
public interface IOutbox<TDb> : IOutbox
    where TDb : DbContext;
