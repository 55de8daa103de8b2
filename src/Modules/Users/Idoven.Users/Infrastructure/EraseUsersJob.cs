using Idoven.Shared.Data.Jobs;
using Idoven.Users.Application;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Users.Infrastructure;

/// <summary>Erases the users whose grace period has ended, each in its own transaction.</summary>
internal sealed class EraseUsersJob(UsersDbContext db, DeleteUserHandler handler, TimeProvider clock) : IBackgroundJob<UsersDbContext>
{
    private const int Batch = 50;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = await db.Users.Where(user => user.EraseAt <= now)
            .OrderBy(user => user.EraseAt).Select(user => user.Id).Take(Batch).ToListAsync(ct);
        foreach (var id in due)
        {
            await handler.EraseDue(id, ct);
        }

        return due.Count == Batch;
    }
}
