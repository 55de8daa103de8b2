using Idoven.Users.Application;
using Idoven.Shared.Messaging;

namespace Idoven.Users.Infrastructure;

/// <inheritdoc cref="IUsersOutbox"/>
internal sealed class UsersOutbox(IOutbox<UsersDbContext> outbox) : IUsersOutbox
{
    public void Add<T>(T message, Guid key, string? traceparent = null)
        where T : class => outbox.Add(message, key, traceparent);
}
