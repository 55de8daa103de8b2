using Idoven.Identity.Application;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Infrastructure.Accounts;

internal sealed class StoredAccounts(
    IdentityDbContext db, ILookupNormalizer normalizer, IPasswordHasher<Account> hasher, HashingGate gate, DummyVerifier dummy) : IAccounts
{
    public async Task<AccountHolder?> Verify(string username, string password, CancellationToken ct)
    {
        var normalized = normalizer.NormalizeName(username);
        var account = await db.Users.SingleOrDefaultAsync(user => user.NormalizedUserName == normalized, ct);

        // Unknown, not activated and disabled cost the same hash as wrong.
        var verifier = account is { IsEnabled: true, PasswordHash: { } own } ? own : null;
        var result = await gate.Run(() => hasher.VerifyHashedPassword(account!, verifier ?? dummy.Value, password), ct);
        if (verifier is null || result == PasswordVerificationResult.Failed)
        {
            return null;
        }

        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            account!.PasswordHash = await gate.Run(() => hasher.HashPassword(account, password), ct);
            await db.SaveChangesAsync(ct);
        }

        return Holder(account!);
    }

    public async Task<AccountHolder?> Find(Guid id, CancellationToken ct) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled, ct) is { } account ? Holder(account) : null;

    public async Task Create(NewAccount account, CancellationToken ct)
    {
        var known = await db.Users.SingleOrDefaultAsync(user => user.Id == account.Id, ct);
        if (known is not null && known.UserVersion >= account.Version)
        {
            return;
        }

        if (known is null)
        {
            known = new Account { Id = account.Id, IsEnabled = true, Role = account.Role, SecurityStamp = Guid.NewGuid().ToString("N") };
            db.Add(known);
        }

        known.UserVersion = account.Version;
        known.UserName = account.Username;
        known.NormalizedUserName = normalizer.NormalizeName(account.Username);
        known.Email = account.Email;
        known.NormalizedEmail = normalizer.NormalizeEmail(account.Email);
        await db.SaveChangesAsync(ct);
    }

    private static AccountHolder Holder(Account account) => new(account.Id, account.UserName!, account.Role, account.Generation);
}

/// <summary>The verifier that names without an account are compared with.</summary>
internal sealed class DummyVerifier(IPasswordHasher<Account> hasher)
{
    private readonly Lazy<string> value = new(() => hasher.HashPassword(new Account(), Guid.NewGuid().ToString()));

    public string Value => value.Value;
}
