using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Audit;

namespace Idoven.Ecgs.Infrastructure.Accesses;

/// <summary>
/// The module's audit trail is its access log. The target of an entry is not kept: it is a message's id, or an id from the path that a
/// caller invented.
/// </summary>
internal sealed class AccessLogStore(EcgsDbContext db, CurrentAccess access) : IAuditLog
{
    public void Add(AuditEntry entry) => db.Add(access.ToStore(entry.Action, ecgId: null, ownerId: null));

    /// <summary>Logs the entry within a second. Nothing waits for it.</summary>
    public Task Record(AuditEntry entry)
    {
        access.Log(entry.Action, entry.IsRefused ? entry.Reason ?? AccessOutcomes.Rejected : AccessOutcomes.Allowed);
        return Task.CompletedTask;
    }
}
