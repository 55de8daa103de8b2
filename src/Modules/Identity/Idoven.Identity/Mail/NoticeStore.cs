using Idoven.Identity.Accounts;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Mail;

internal sealed class NoticeStore(
    IdentityDbContext db, SmtpSettings smtp, EmailCounts counts, EmailBoundOptions options, TimeProvider clock) : INotices
{
    private static readonly TimeSpan NotificationPeriod = TimeSpan.FromDays(1);

    public Task<TimeSpan> Add(Guid accountId, Notice notice, string? address, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        return Add(accountId, notice, address, ct);
    }

    private async Task<TimeSpan> Add(Guid accountId, Notice notice, string? address, CancellationToken ct)
    {
        if (!smtp.IsOn)
        {
            return TimeSpan.Zero;
        }

        var wait = await counts.Count(EmailBound.ForNotice(notice, accountId, address, options), ct);
        if (wait == TimeSpan.Zero)
        {
            var now = clock.GetUtcNow();
            db.Add(new OutgoingEmail
            {
                Id = Guid.CreateVersion7(now),
                Notice = notice,
                AccountId = accountId,
                Address = address,
                NextAttemptAt = now,
            });
        }

        return wait;
    }

    /// <summary>The conditional update adds one e-mail only, even if several hosts or requests do this at the same time.</summary>
    public async Task NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct)
    {
        if (!smtp.IsOn)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var longAgo = now - NotificationPeriod;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var isDue = await db.Users
            .Where(account => account.Id == accountId && account.IsEnabled && account.EmailConfirmed
                && (account.ToldOfGuessesAt == null || account.ToldOfGuessesAt < longAgo))
            .ExecuteUpdateAsync(set => set.SetProperty(account => account.ToldOfGuessesAt, now), ct) == 1;
        if (isDue)
        {
            await Add(accountId, notice, address: null, ct);
            await db.SaveChangesAsync(ct);
        }

        await transaction.CommitAsync(ct);
    }

    /// <summary>Does the same work whether the account exists or not: it adds one row, unless one is already pending.</summary>
    public async Task<TimeSpan> RequestRecovery(string identifier, string network, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var wait = await counts.Count([EmailBound.ForRecoveryRequests(network, options)], ct);
        if (wait > TimeSpan.Zero)
        {
            return wait;
        }

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
        return TimeSpan.Zero;
    }
}
