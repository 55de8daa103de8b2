using Idoven.Shared.Data;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Users.Infrastructure;

internal sealed class UserStore(UsersDbContext db, ModuleTransaction<UsersDbContext> transaction) : IUsers
{
    public void Add(User user) => db.Add(user);

    public void Add(Erasure erasure) => db.Add(erasure);

    public void Remove(User user) => db.Remove(user);

    public Task<User?> Find(Guid id, CancellationToken ct) => db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct);

    public Task<Erasure?> FindErasure(Guid userId, CancellationToken ct) =>
        db.Erasures.AsNoTracking().Include(erasure => erasure.Parts).SingleOrDefaultAsync(erasure => erasure.UserId == userId, ct);

    public async Task<IReadOnlyList<User>> List(UserFilter filter, CancellationToken ct)
    {
        var query = db.Users.AsNoTracking().Where(user => filter.Roles.Contains(user.Role));
        if (filter.Username is { } username)
        {
            var normalized = User.Normalize(username);
            query = query.Where(user => user.NormalizedUsername == normalized);
        }

        query = filter.After is { } after ? query.Where(user => user.Id > after) : query;
        return await query.OrderBy(user => user.Id).Take(filter.Limit + 1).ToListAsync(ct);
    }

    public async Task<User?> Lock(Guid id, CancellationToken ct)
    {
        await transaction.Begin(ct);
        return await db.Users.FromSql($"select * from users.users where id = {id} for update").SingleOrDefaultAsync(ct);
    }

    public async Task<Erasure?> LockErasure(Guid userId, CancellationToken ct)
    {
        await transaction.Begin(ct);
        var erasure = await db.Erasures.FromSql($"select * from users.erasures where user_id = {userId} for update")
            .SingleOrDefaultAsync(ct);
        if (erasure is not null)
        {
            await db.Entry(erasure).Collection(e => e.Parts).LoadAsync(ct);
        }

        return erasure;
    }

    public async Task<IReadOnlyList<User>> LockSuperadmins(CancellationToken ct)
    {
        await transaction.Begin(ct);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('users'), hashtext('superadmins'))", ct);

        // Ordered again, so that Entity Framework names the columns: a prepared statement fails once its result has another one.
        return await db.Users.FromSql($"select * from users.users where role = {UserRole.Superadmin} order by id for update")
            .OrderBy(user => user.Id)
            .ToListAsync(ct);
    }

    public async Task<Guid?> Claim(RequestKey key, Guid user, DateTimeOffset now, CancellationToken ct)
    {
        await transaction.Begin(ct);
        return await db.Claim(key, user, now, ct);
    }

    public async Task ForgetRequests(string subject, CancellationToken ct)
    {
        await transaction.Begin(ct);
        await db.ForgetRequests(subject, ct);
    }

    public async Task Save(CancellationToken ct)
    {
        try
        {
            await transaction.Commit(ct);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "users" })
        {
            db.ChangeTracker.Clear();
            throw new UserRejectedException(UserRejection.Taken);
        }
    }
}
