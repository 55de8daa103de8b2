using Idoven.Identity.Common;
using Idoven.Shared.Audit;

namespace Idoven.Identity.Infrastructure;

/// <inheritdoc cref="IIdentityAuditLog"/>
internal sealed class IdentityAuditLog(IAuditLog<IdentityDbContext> log) : IIdentityAuditLog
{
    public void Add(AuditEntry entry) => log.Add(entry);

    public Task Record(AuditEntry entry) => log.Record(entry);
}
