using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Audit;

/// <summary>
/// The audit log of a module. The actor, client, session, trace and address are those of the current request; in a consumer the actor is
/// the queue, and in a verb it is the operator of the host.
/// </summary>
public interface IAuditLog
{
    /// <summary>Adds the entry to the module's DbContext: the action and its entry are saved by the same SaveChanges.</summary>
    void Add(AuditEntry entry);

    /// <summary>
    /// Commits the entry in its own transaction, also if the caller has disconnected: for a rejection or a read. Unsaved changes of the
    /// scope are discarded.
    /// </summary>
    Task Record(AuditEntry entry);
}

/// <summary>The audit log of the module whose database is <typeparamref name="TDb"/>.</summary>
public interface IAuditLog<TDb> : IAuditLog
    where TDb : DbContext;
