using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.OneTimeTokens;

/// <summary>Represents a one-time token that was issued.</summary>
internal sealed class OneTimeTokenRow
{
    /// <summary>SHA-256, base64.</summary>
    public required string TokenHash { get; init; }

    public required Guid AccountId { get; init; }

    public required TokenUse Use { get; init; }

    public string? Email { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Gets how many wrong passwords or codes were sent with it.</summary>
    public int Wrong { get; init; }
}

internal sealed class OneTimeTokenStore(IdentityDbContext db, TimeProvider clock) : IOneTimeTokens
{
    public static readonly TimeSpan RecoveryLifetime = TimeSpan.FromMinutes(30);
    private const int TokenBytes = 32;
    private const int MaxWrong = 5;

    public async Task<string> Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var now = clock.GetUtcNow();

        // Only the last link that was sent is valid. Sign-ins can be in progress in several browsers at once.
        var replaces = use is TokenUse.EmailVerification or TokenUse.Recovery;
        await db.OneTimeTokens
            .Where(row => row.AccountId == accountId && (row.ExpiresAt < now || (replaces && row.Use == use)))
            .ExecuteDeleteAsync(ct);
        db.Add(new OneTimeTokenRow
        {
            TokenHash = Hash(token),
            AccountId = accountId,
            Use = use,
            Email = email,
            IssuedAt = now,
            ExpiresAt = now + Lifetime(use),
        });
        await db.SaveChangesAsync(ct);
        return token;
    }

    public async Task<OneTimeToken?> Find(string token, TokenUse use, CancellationToken ct)
    {
        var (hash, now) = (Hash(token), clock.GetUtcNow());
        return await (
            from row in db.OneTimeTokens
            join account in db.Users on row.AccountId equals account.Id
            where row.TokenHash == hash && row.Use == use && row.ExpiresAt > now && row.Wrong < MaxWrong && account.IsEnabled
            select new OneTimeToken(row.AccountId, row.Email)).SingleOrDefaultAsync(ct);
    }

    public async Task<bool> Redeem(string token, CancellationToken ct)
    {
        var hash = Hash(token);
        return await db.OneTimeTokens.Where(row => row.TokenHash == hash).ExecuteDeleteAsync(ct) == 1;
    }

    public Task CountFailedAttempt(string token, CancellationToken ct)
    {
        var hash = Hash(token);
        return db.OneTimeTokens
            .Where(row => row.TokenHash == hash)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Wrong, row => row.Wrong + 1), ct);
    }

    public Task RevokeAll(Guid accountId, CancellationToken ct) =>
        db.OneTimeTokens.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(ct);

    private static TimeSpan Lifetime(TokenUse use) => use switch
    {
        TokenUse.SecondStep => TimeSpan.FromMinutes(5),
        TokenUse.Enrolment => TimeSpan.FromMinutes(15),
        TokenUse.EmailVerification => TimeSpan.FromHours(24),
        TokenUse.Recovery => RecoveryLifetime,
        _ => throw new ArgumentOutOfRangeException(nameof(use)),
    };

    private static string Hash(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
