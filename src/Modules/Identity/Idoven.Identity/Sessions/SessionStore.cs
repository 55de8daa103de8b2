using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.TokenServer;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Identity.Sessions;

internal sealed class SessionStore(
    IdentityDbContext db, IRequestOrigin origin, SessionLifetime lifetime, IIdentityAuditLog auditLog, TimeProvider clock) : ISessions
{
    public async Task<Guid?> Begin(Guid accountId, string clientId, CancellationToken ct)
    {
        var (now, from) = (clock.GetUtcNow(), origin.Current);
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            AccountId = accountId,
            ClientId = clientId,
            CreatedAt = now,
            LastUsedAt = now,
            FirstAddress = from.Address,
            FirstAgent = from.Agent,
            LastAddress = from.Address,
            LastAgent = from.Agent,
        };
        db.Add(session);
        auditLog.Add(new AuditEntry(AuditActions.SignIn, $"{accountId}")
        {
            Subject = $"{accountId}",
            ClientId = clientId,
            SessionId = session.Id,
        });
        try
        {
            await db.SaveChangesAsync(ct);
            return session.Id;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            db.ChangeTracker.Clear();
            return null;
        }
    }

    public async Task<bool> Continue(Guid sessionId, CancellationToken ct)
    {
        var (now, from) = (clock.GetUtcNow(), origin.Current);
        var earliestStart = now - lifetime.Value;
        return await db.Sessions.Where(session => session.Id == sessionId && session.EndedAt == null && session.CreatedAt > earliestStart)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(session => session.LastUsedAt, now)
                    .SetProperty(session => session.LastAddress, from.Address)
                    .SetProperty(session => session.LastAgent, from.Agent),
                ct) == 1;
    }

    public async Task<IReadOnlyList<SignedInSession>> List(Guid accountId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (earliestUse, earliestStart) = (now - TokenServerExtensions.RefreshTokenLifetime, now - lifetime.Value);
        return await db.Sessions
            .Where(session => session.AccountId == accountId && session.EndedAt == null)
            .Where(session => session.LastUsedAt > earliestUse && session.CreatedAt > earliestStart)
            .OrderByDescending(session => session.Id)
            .Select(session => new SignedInSession(
                session.Id, session.ClientId, session.CreatedAt, session.LastUsedAt,
                session.FirstAddress, session.FirstAgent, session.LastAddress, session.LastAgent))
            .ToListAsync(ct);
    }

    public async Task<bool> End(Guid accountId, Guid sessionId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var now = clock.GetUtcNow();
        return await db.Sessions.Where(session => session.Id == sessionId && session.AccountId == accountId && session.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), ct) == 1;
    }

    public async Task<IReadOnlyList<Guid>> EndOf(Guid accountId, string clientId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var now = clock.GetUtcNow();
        var ended = await db.Sessions
            .Where(session => session.AccountId == accountId && session.ClientId == clientId && session.EndedAt == null)
            .Select(session => session.Id)
            .ToListAsync(ct);
        await db.Sessions.Where(session => ended.Contains(session.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), ct);
        return ended;
    }

    public Task EndAll(Guid accountId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var now = clock.GetUtcNow();
        return db.Sessions.Where(session => session.AccountId == accountId && session.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), ct);
    }
}
