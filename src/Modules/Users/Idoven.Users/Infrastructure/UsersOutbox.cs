using Idoven.Shared.Messaging.Outbox;
using Idoven.Users.Application;

namespace Idoven.Users.Infrastructure;

/// <inheritdoc cref="IUsersOutbox"/>
internal sealed class UsersOutbox(IOutbox<UsersDbContext> outbox) : IUsersOutbox
{
    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class => outbox.Add(message, key, traceparent);
}
