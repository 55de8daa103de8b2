using Idoven.Identity.Accounts;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Mail;

/// <summary>
/// Turns requests for recovery into e-mails, many at a time, so that requests for unknown identifiers do not delay e-mails that are due.
/// </summary>
internal sealed class RecoveryRequests(
    IdentityDbContext db, ModuleTransaction<IdentityDbContext> transactions, INotices notices)
{
    private const int BatchSize = 1000;

    public async Task CreateEmails(CancellationToken ct)
    {
        if (!await db.OutgoingEmails.AnyAsync(email => email.Notice == null, ct))
        {
            return;
        }

        var transaction = await transactions.Begin(ct);
        var names = await db.Database.SqlQuery<string>(
            $"""
             with batch as materialized (select id from identity.letters where notice is null limit {BatchSize} for update skip locked)
             delete from identity.letters where id in (select id from batch)
             returning address as "Value"
             """).ToListAsync(ct);
        foreach (var account in await db.Users.AsNoTracking().Named(names, ct))
        {
            if (account is { IsEnabled: true, PasswordHash: not null, EmailConfirmed: true, Email: { } email })
            {
                await notices.Add(account.Id, Notice.Recovery, email, transaction, ct);
            }
        }

        await transactions.Commit(ct);
    }
}
