using Idoven.Ecgs.Application;
using Idoven.Shared.Web.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Ecgs.Infrastructure;

internal sealed class OwnerStore(EcgsDbContext db) : IOwners
{
    public async Task Erase(string ownerId, DateTimeOffset now, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into ecgs.owners as owner (id, erased_at) values ({ownerId}, {now})
            on conflict (id) do update set erased_at = coalesce(owner.erased_at, excluded.erased_at)
            """, ct);
        await db.ForgetRequests(ownerId, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
