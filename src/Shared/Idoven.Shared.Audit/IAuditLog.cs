using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Audit;

/// <summary>
/// What was done in a module, and by whom. The request gives who acted, through which client, in which session and trace and from which address; a
/// message gives the queue it came by; on the host it is the operator.
/// </summary>
public interface IAuditLog
{
    /// <summary>Adds the entry to the module's DbContext: the act and its entry are saved by the same SaveChanges, or neither.</summary>
    void Add(AuditEntry entry);

    /// <summary>
    /// Commits the entry on its own, whether or not the caller still waits: for a refusal, or a read. What was begun and not saved is
    /// given up.
    /// </summary>
    Task Record(AuditEntry entry);
}

/// <summary>The audit log of the module whose database is <typeparamref name="TDb"/>.</summary>
public interface IAuditLog<TDb> : IAuditLog
    where TDb : DbContext;
