using Idoven.Identity.Application;
using Idoven.Shared.Http.Idempotency;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenIddict.EntityFrameworkCore.Models;

namespace Idoven.Identity.Infrastructure.Accounts;

internal sealed class StoredAccounts(
    IdentityDbContext db, ILookupNormalizer normalizer, IPasswordHasher<Account> hasher, HashingGate gate, DummyVerifier dummy, TimeProvider clock)
    : IAccounts, IAccountChanges
{
    private IDbContextTransaction? transaction;

    public async Task<Guid?> Identify(string login, CancellationToken ct)
    {
        var normalized = normalizer.NormalizeName(login);
        return await db.Users.Where(user => user.NormalizedUserName == normalized).Select(user => (Guid?)user.Id).SingleOrDefaultAsync(ct);
    }

    public async Task<AccountHolder?> Verify(string username, string password, CancellationToken ct)
    {
        var normalized = normalizer.NormalizeName(username);
        return await Verify(await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.NormalizedUserName == normalized, ct), password, ct);
    }

    public async Task<AccountHolder?> Verify(Guid id, string password, CancellationToken ct) =>
        await Verify(await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct), password, ct);

    public async Task<AccountHolder?> Find(Guid id, CancellationToken ct) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled, ct) is { } account ? Holder(account) : null;

    public async Task<PendingActivation?> FindActivation(string tokenHash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await (
            from token in db.Activations
            join account in db.Users on token.UserId equals account.Id
            where token.TokenHash == tokenHash && token.ExpiresAt > now && account.IsEnabled && account.ActivatedAt == null
            select new PendingActivation(account.Id, account.UserName!, account.Email)).SingleOrDefaultAsync(ct);
    }

    public Task<string> Hash(string password, CancellationToken ct) => gate.Run(() => hasher.HashPassword(new Account(), password), ct);

    public async Task<bool> Lock(Guid id, CancellationToken ct)
    {
        transaction ??= await db.Database.BeginTransactionAsync(ct);

        // What was read before the lock counts no more. There may be no row to lock yet.
        db.ChangeTracker.Clear();
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({id.ToString()}, 0))", ct);
        return !await db.ErasedUsers.AnyAsync(user => user.Id == id, ct);
    }

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

        Identify(known, account.Version, account.Username, account.Email);
    }

    public async Task IssueActivation(NewActivation activation, CancellationToken ct)
    {
        var current = await db.Activations.SingleOrDefaultAsync(token => token.UserId == activation.UserId, ct);
        if (current?.Version >= activation.Version || await db.Users.AnyAsync(user => user.Id == activation.UserId && user.ActivatedAt != null, ct))
        {
            return;
        }

        if (current is null)
        {
            db.Add(new PendingToken
            {
                UserId = activation.UserId,
                Version = activation.Version,
                TokenHash = activation.TokenHash,
                ExpiresAt = activation.ExpiresAt,
            });
        }
        else
        {
            (current.Version, current.TokenHash, current.ExpiresAt) = (activation.Version, activation.TokenHash, activation.ExpiresAt);
        }
    }

    public async Task<int?> Change(AccountChange change, CancellationToken ct)
    {
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == change.Id, ct) ?? throw new AccountMissingException();
        if (account.UserVersion >= change.Version)
        {
            return null;
        }

        Identify(account, change.Version, change.Username, change.Email);
        var isDisabledNow = account.IsEnabled && !change.IsEnabled;
        account.IsEnabled = change.IsEnabled;
        return isDisabledNow ? ++account.Generation : null;
    }

    public async Task<bool> Activate(Guid id, string tokenHash, string verifier, DateTimeOffset now, CancellationToken ct)
    {
        var token = await db.Activations.SingleOrDefaultAsync(token => token.UserId == id && token.TokenHash == tokenHash && token.ExpiresAt > now, ct);
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled && user.ActivatedAt == null, ct);
        if (token is null || account is null)
        {
            return false;
        }

        db.Remove(token);
        account.PasswordHash = verifier;
        account.ActivatedAt = now;
        return true;
    }

    public async Task<int?> RaiseGeneration(Guid id, CancellationToken ct)
    {
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled, ct);
        return account is null ? null : ++account.Generation;
    }

    public async Task<int?> ChangePassword(Guid id, string verifier, CancellationToken ct)
    {
        var generation = await RaiseGeneration(id, ct);
        if (generation is not null)
        {
            (await db.Users.SingleAsync(user => user.Id == id, ct)).PasswordHash = verifier;
        }

        return generation;
    }

    public async Task<ErasedAccount> Erase(Guid id, long version, DateTimeOffset now, CancellationToken ct)
    {
        var subject = id.ToString();
        var generation = await db.Users.Where(user => user.Id == id).Select(user => (int?)user.Generation).SingleOrDefaultAsync(ct);
        var counts = new Dictionary<string, long>
        {
            ["tokens"] = await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == subject).ExecuteDeleteAsync(ct),
            ["authorizations"] = await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(grant => grant.Subject == subject).ExecuteDeleteAsync(ct),
            ["sessions"] = await db.Sessions.Where(session => session.AccountId == id).ExecuteDeleteAsync(ct),
            ["accounts"] = await db.Users.Where(user => user.Id == id).ExecuteDeleteAsync(ct),
        };
        await db.Activations.Where(token => token.UserId == id).ExecuteDeleteAsync(ct);
        await db.ForgetRequests(subject, ct);
        db.Add(new ErasedUser(id, version, now));
        return new ErasedAccount(generation + 1, counts);
    }

    public async Task Save(CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await transaction!.CommitAsync(ct);
        await transaction.DisposeAsync();
        transaction = null;
    }

    private async Task<AccountHolder?> Verify(Account? account, string password, CancellationToken ct)
    {
        // Unknown, not activated and disabled cost the same hash as wrong.
        var verifier = account is { IsEnabled: true, PasswordHash: { } own } ? own : null;
        var result = await gate.Run(() => hasher.VerifyHashedPassword(account!, verifier ?? dummy.Value, password), ct);
        if (verifier is null || result == PasswordVerificationResult.Failed)
        {
            return null;
        }

        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            var risen = await gate.Run(() => hasher.HashPassword(account!, password), ct);

            // A password that was changed meanwhile stays the one that counts.
            await db.Users.Where(user => user.Id == account!.Id && user.PasswordHash == verifier)
                .ExecuteUpdateAsync(set => set.SetProperty(user => user.PasswordHash, risen), ct);
        }

        return Holder(account!);
    }

    private void Identify(Account account, long version, string username, string? email)
    {
        account.UserVersion = version;
        account.UserName = username;
        account.NormalizedUserName = normalizer.NormalizeName(username);
        account.Email = email;
        account.NormalizedEmail = normalizer.NormalizeEmail(email);
    }

    private static AccountHolder Holder(Account account) => new(account.Id, account.UserName!, account.Role, account.Generation, account.Email);
}

/// <summary>The verifier that names without an account are compared with.</summary>
internal sealed class DummyVerifier(IPasswordHasher<Account> hasher)
{
    private readonly Lazy<string> value = new(() => hasher.HashPassword(new Account(), Guid.NewGuid().ToString()));

    public string Value => value.Value;
}
