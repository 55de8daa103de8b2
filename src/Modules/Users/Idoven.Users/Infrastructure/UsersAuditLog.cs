using Idoven.Shared.Audit;
using Idoven.Users.Application;

namespace Idoven.Users.Infrastructure;

/// <inheritdoc cref="IUsersAuditLog"/>
internal sealed class UsersAuditLog(IAuditLog<UsersDbContext> log) : IUsersAuditLog
{
    public void Add(AuditEntry entry) => log.Add(entry);

    public Task Record(AuditEntry entry) => log.Record(entry);
}
