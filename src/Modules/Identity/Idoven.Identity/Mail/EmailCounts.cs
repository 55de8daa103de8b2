using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Mail;

/// <summary>Represents the counter of an <see cref="EmailBound"/>.</summary>
internal sealed class EmailCount
{
    public required byte[] Key { get; init; }

    public Guid? AccountId { get; init; }

    /// <summary>When the first e-mail that is counted was created.</summary>
    public required DateTimeOffset Since { get; set; }

    public required int Number { get; set; }

    public required DateTimeOffset LastAt { get; set; }
}

/// <summary>Counts the e-mails of all hosts together. The keys are keyed hashes, so no address is stored here in clear text.</summary>
internal sealed class EmailCounts(IdentityDbContext db, MasterKey master, TimeProvider clock)
{
    private const int KeyLength = 16;

    /// <summary>
    /// Counts one e-mail for all of the limits, or for none if one of them is reached. The caller has begun a transaction and commits it;
    /// the counters are locked until then, so that concurrent requests are counted correctly.
    /// </summary>
    /// <param name="bounds">The limit of an account first, so that two transactions do not wait for each other.</param>
    /// <returns>How long it takes until one more is allowed; zero if this one was counted.</returns>
    public async Task<TimeSpan> Count(IReadOnlyList<EmailBound> bounds, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var counts = new List<(EmailBound Bound, EmailCount Count)>();
        foreach (var bound in bounds)
        {
            counts.Add((bound, await Lock(bound, now, ct)));
        }

        var wait = counts.Max(counted => counted.Bound.Wait(counted.Count, now));
        if (wait == TimeSpan.Zero)
        {
            counts.ForEach(counted => counted.Bound.Count(counted.Count, now));
        }

        return wait;
    }

    private async Task<EmailCount> Lock(EmailBound bound, DateTimeOffset now, CancellationToken ct)
    {
        var key = HMACSHA256.HashData(master.Derive("idoven email counts"), Encoding.UTF8.GetBytes(bound.Key))[..KeyLength];
        await db.Database.ExecuteSqlAsync(
            $"""
             insert into identity.email_counts as known (key, account_id, since, number, last_at)
             values ({key}, {bound.AccountId}, {now}, 0, {now})
             on conflict (key) do update set number = known.number
             """, ct);
        return await db.EmailCounts.SingleAsync(count => count.Key == key, ct);
    }
}
