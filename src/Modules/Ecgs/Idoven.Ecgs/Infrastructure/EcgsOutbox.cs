using Idoven.Ecgs.Application;
using Idoven.Shared.Messaging.Outbox;

namespace Idoven.Ecgs.Infrastructure;

/// <inheritdoc cref="IEcgsOutbox"/>
internal sealed class EcgsOutbox(IOutbox<EcgsDbContext> outbox) : IEcgsOutbox
{
    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class => outbox.Add(message, key, traceparent);
}
