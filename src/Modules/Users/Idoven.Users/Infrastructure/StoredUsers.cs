using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Users.Infrastructure;

internal sealed class StoredUsers(UsersDbContext db) : IUsers
{
    public void Add(User user) => db.Add(user);

    public Task<User?> Find(Guid id, CancellationToken ct) => db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct);

    public async Task<bool> Save(CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "users" })
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }
}
