using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Idoven.Shared.Data;

/// <summary>
/// Represents a module's unit of work: one transaction of a scope, which the first lock begins and the save commits. A store that takes it
/// commits nothing before its <c>Save</c>, and rolls everything back if the save fails.
/// </summary>
/// <typeparam name="TDb">The module's DbContext.</typeparam>
public sealed class ModuleTransaction<TDb>(TDb db)
    where TDb : DbContext
{
    private IDbContextTransaction? current;
    private OpenTransaction? open;

    /// <summary>Begins the transaction. If it is open already, nothing happens.</summary>
    /// <returns>The transaction, for the methods that require it.</returns>
    public async Task<OpenTransaction> Begin(CancellationToken ct)
    {
        current ??= await db.Database.BeginTransactionAsync(ct);
        return open ??= new OpenTransaction();
    }

    /// <summary>Saves the changes of the DbContext and commits. Without an open transaction it begins one.</summary>
    public Task Commit(CancellationToken ct) => Commit(() => db.SaveChangesAsync(ct), ct);

    /// <summary>Runs the last work of the transaction and commits. Without an open transaction it begins one.</summary>
    /// <param name="save">
    /// Saves the changes of the DbContext, with what must come before or after them. If it throws, nothing is committed.
    /// </param>
    public async Task Commit(Func<Task> save, CancellationToken ct)
    {
        await Begin(ct);
        await using var committing = End()!;
        await save();
        await committing.CommitAsync(ct);
    }

    /// <summary>Ends the open transaction without a commit, and gives its connection back.</summary>
    public async Task RollBack()
    {
        if (End() is { } ended)
        {
            await ended.DisposeAsync();
        }
    }

    private IDbContextTransaction? End()
    {
        var ended = current;
        open?.End();
        (current, open) = (null, null);
        return ended;
    }
}
