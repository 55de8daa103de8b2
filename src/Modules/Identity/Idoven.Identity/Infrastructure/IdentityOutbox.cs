using Idoven.Identity.Common;
using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Identity.Infrastructure;

/// <inheritdoc cref="IIdentityOutbox"/>
internal sealed class IdentityOutbox(IOutbox<IdentityDbContext> outbox) : IIdentityOutbox
{
    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class => outbox.Add(message, key, traceparent);
}
