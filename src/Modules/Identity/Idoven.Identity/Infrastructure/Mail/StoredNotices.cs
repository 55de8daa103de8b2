using Idoven.Identity.Application;
using Idoven.Identity.Domain;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Infrastructure.Mail;

internal sealed class StoredNotices(IdentityDbContext db, SmtpSettings smtp, TimeProvider clock) : INotices
{
    public void Add(Guid accountId, Notice notice, string? address)
    {
        if (smtp.IsOn)
        {
            var now = clock.GetUtcNow();
            db.Add(new Letter { Id = Guid.CreateVersion7(now), Notice = notice, AccountId = accountId, Address = address, NextAttemptAt = now });
        }
    }

    /// <summary>The same work for whoever is named: a row, once as long as it waits.</summary>
    public async Task AskForRecovery(string identifier, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.SaveChangesAsync(ct);
        if (smtp.IsOn)
        {
            var now = clock.GetUtcNow();
            await db.Database.ExecuteSqlAsync(
                $"""
                 insert into identity.letters (id, address, attempts, next_attempt_at)
                 values ({Guid.CreateVersion7(now)}, {LoginIdentifier.Normalize(identifier)}, 0, {now})
                 on conflict (address) where notice is null do nothing
                 """, ct);
        }

        await transaction.CommitAsync(ct);
    }
}
