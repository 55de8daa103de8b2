using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Accounts;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
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

    /// <summary>Gets the user's version that an activation token was issued in; null for other uses.</summary>
    public long? Version { get; init; }

    /// <summary>
    /// Gets the account that the token is deleted with; null for an activation token, whose message can arrive before the one that creates
    /// the account. The database computes it.
    /// </summary>
    public Guid? ExistingAccountId { get; init; }
}

/// <summary>Represents an activation token that was used or replaced. Its holder can still ask when the account was activated.</summary>
internal sealed class SpentActivationRow
{
    /// <summary>SHA-256, base64.</summary>
    public required string TokenHash { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset SpentAt { get; init; }
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

    public async Task StoreActivation(NewActivation activation, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var id = activation.AccountId;
        var current = await db.OneTimeTokens.AsNoTracking()
            .SingleOrDefaultAsync(row => row.AccountId == id && row.Use == TokenUse.Activation, ct);
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == id, ct);
        if (current?.Version >= activation.Version || account?.ActivatedAt is not null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (current is not null)
        {
            await Delete(current.TokenHash, ct);
            if (account is not null)
            {
                db.Add(new SpentActivationRow { TokenHash = current.TokenHash, UserId = id, SpentAt = now });
            }
        }

        db.Add(new OneTimeTokenRow
        {
            TokenHash = activation.TokenHash,
            AccountId = id,
            Use = TokenUse.Activation,
            IssuedAt = now,
            ExpiresAt = activation.ExpiresAt,
            Version = activation.Version,
        });
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

    public async Task<bool> Redeem(string token, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var hash = Hash(token);
        var row = await db.OneTimeTokens.AsNoTracking().SingleOrDefaultAsync(row => row.TokenHash == hash, ct);
        if (row is null || await Delete(hash, ct) == 0)
        {
            return false;
        }

        if (row.Use == TokenUse.Activation)
        {
            db.Add(new SpentActivationRow { TokenHash = hash, UserId = row.AccountId, SpentAt = clock.GetUtcNow() });
        }

        return true;
    }

    public Task CountFailedAttempt(string token, CancellationToken ct)
    {
        var hash = Hash(token);
        return db.OneTimeTokens
            .Where(row => row.TokenHash == hash)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Wrong, row => row.Wrong + 1), ct);
    }

    public Task RevokeAll(Guid accountId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        return db.OneTimeTokens.Where(row => row.AccountId == accountId && row.Use != TokenUse.Activation).ExecuteDeleteAsync(ct);
    }

    public async Task<EarlierActivation?> FindEarlierActivation(string token, CancellationToken ct)
    {
        var hash = Hash(token);
        return await (
            from row in db.SpentActivations
            join account in db.Users on row.UserId equals account.Id
            where row.TokenHash == hash && account.ActivatedAt != null
            select new EarlierActivation(account.ActivatedAt!.Value, account.ActivatedFrom)).SingleOrDefaultAsync(ct);
    }

    private Task<int> Delete(string tokenHash, CancellationToken ct) =>
        db.OneTimeTokens.Where(row => row.TokenHash == tokenHash).ExecuteDeleteAsync(ct);

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
