using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Audit;

namespace Idoven.Ecgs.Infrastructure.Accesses;

/// <summary>
/// Stores audit entries of the module in its access log. The target of an entry is not stored, because it is the id of a message, or an id
/// in the path that may not exist.
/// </summary>
internal sealed class AccessLogStore(EcgsDbContext db, CurrentAccess access) : IAuditLog
{
    public void Add(AuditEntry entry) => db.Add(access.CreateRow(entry.Action, ecgId: null, ownerId: null));

    /// <summary>Logs the entry within a second, without waiting for it.</summary>
    public Task Record(AuditEntry entry)
    {
        access.Log(entry.Action, entry.IsRefused ? entry.Reason ?? AccessOutcomes.Rejected : AccessOutcomes.Allowed);
        return Task.CompletedTask;
    }
}
