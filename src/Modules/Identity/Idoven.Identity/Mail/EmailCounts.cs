using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Mail;

/// <summary>What was counted under the key of a <see cref="EmailBound"/>.</summary>
internal sealed class EmailCount
{
    public required byte[] Key { get; init; }

    public Guid? AccountId { get; init; }

    /// <summary>When the first that is counted was made.</summary>
    public required DateTimeOffset Since { get; set; }

    public required int Number { get; set; }

    public required DateTimeOffset LastAt { get; set; }
}

/// <summary>Counts e-mails of all hosts together, under keyed hashes: no address is stored here in clear.</summary>
internal sealed class EmailCounts(IdentityDbContext db, MasterKey master, TimeProvider clock)
{
    private const int KeyLength = 16;

    /// <summary>
    /// Counts one under all of the bounds, or under none if one of them is reached. The caller has begun a transaction and saves; the
    /// counts stay locked until then, so that a hundred requests at once are a hundred.
    /// </summary>
    /// <param name="bounds">One of an account first, so that no two transactions wait for each other.</param>
    /// <returns>How long it takes until one more may be counted; zero if this one was.</returns>
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
