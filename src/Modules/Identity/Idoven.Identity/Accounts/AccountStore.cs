using Idoven.Identity.Infrastructure;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Shared.Data;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenIddict.EntityFrameworkCore.Models;

namespace Idoven.Identity.Accounts;

internal sealed class AccountStore(
    IdentityDbContext db, ModuleTransaction<IdentityDbContext> transactions, IPasswordHasher<Account> hasher, HashingGate gate,
    DummyVerifier dummy, IRequestOrigin origin)
    : IAccounts, IAccountChanges
{
    public async Task<Guid?> Identify(string login, CancellationToken ct) =>
        (await db.Users.AsNoTracking().Named(LoginIdentifier.Normalize(login), ct))?.Id;

    public async Task<AccountHolder?> Verify(string username, string password, HashingPriority priority, CancellationToken ct)
    {
        var named = await db.Users.AsNoTracking().Named(LoginIdentifier.Normalize(username), ct);
        return await Verify(named, password, priority, ct);
    }

    public async Task<AccountHolder?> Verify(Guid id, string password, CancellationToken ct)
    {
        var account = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, ct);
        return await Verify(account, password, HashingPriority.KnownDevice, ct);
    }

    public async Task<AccountHolder?> Find(string identifier, CancellationToken ct) =>
        await db.Users.AsNoTracking().Named(LoginIdentifier.Normalize(identifier), ct)
            is { IsEnabled: true, PasswordHash: not null } account
            ? await ReadHolder(account, ct)
            : null;

    public async Task<AccountHolder?> Find(Guid id, CancellationToken ct) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled, ct) is { } account
            ? await ReadHolder(account, ct)
            : null;

    public Task<string> Hash(string password, HashingPriority priority, CancellationToken ct) =>
        gate.Run(() => hasher.HashPassword(new Account(), password), priority, origin.Current.Network, ct);

    public async Task<OpenTransaction?> Lock(Guid id, CancellationToken ct)
    {
        var transaction = await transactions.Begin(ct);

        // Entities that were read before the lock may be stale. The lock is advisory because the row may not exist yet.
        db.ChangeTracker.Clear();
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({id.ToString()}, 0))", ct);
        return await db.ErasedUsers.AnyAsync(user => user.Id == id, ct) ? null : transaction;
    }

    public async Task Create(NewAccount account, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
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

        SetIdentifiers(known, account.Version, account.Username, account.Email);
    }

    public async Task<ChangedAccount?> Change(AccountChange change, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == change.Id, ct) ?? throw new AccountMissingException();
        if (account.UserVersion >= change.Version)
        {
            return null;
        }

        var before = (account.NormalizedEmail, Verified: account.EmailConfirmed ? account.Email : null, account.NormalizedUserName);
        SetIdentifiers(account, change.Version, change.Username, change.Email);
        var hasOtherEmail = account.NormalizedEmail != before.NormalizedEmail;
        account.EmailConfirmed &= !hasOtherEmail;
        var wasDisabled = change.TimesDisabled > account.TimesDisabled || (account.IsEnabled && !change.IsEnabled);
        account.IsEnabled = change.IsEnabled;
        account.TimesDisabled = Math.Max(account.TimesDisabled, change.TimesDisabled ?? 0);
        return new ChangedAccount(
            wasDisabled ? ++account.Generation : null,
            hasOtherEmail && account.Email is not null,
            hasOtherEmail ? before.Verified : null,
            account.NormalizedUserName != before.NormalizedUserName);
    }

    public async Task<bool> Activate(Guid id, string verifier, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled && user.ActivatedAt == null, ct) is not { } account)
        {
            return false;
        }

        account.PasswordHash = verifier;
        (account.ActivatedAt, account.ActivatedFrom) = (now, origin.Current.Address);
        return true;
    }

    public async Task<int?> RaiseGeneration(Guid id, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.IsEnabled, ct);
        return account is null ? null : ++account.Generation;
    }

    public async Task<int?> ChangePassword(Guid id, string verifier, OpenTransaction transaction, CancellationToken ct)
    {
        var generation = await RaiseGeneration(id, transaction, ct);
        if (generation is not null)
        {
            (await db.Users.SingleAsync(user => user.Id == id, ct)).PasswordHash = verifier;
        }

        return generation;
    }

    public async Task<bool> VerifyEmail(Guid id, string normalizedEmail, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.NormalizedEmail == normalizedEmail, ct) is not { } account)
        {
            return false;
        }

        account.EmailConfirmed = true;
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return false;
        }
    }

    public async Task<ErasedAccount> Erase(Guid id, long version, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var subject = id.ToString();
        var generation = await db.Users.Where(user => user.Id == id).Select(user => (int?)user.Generation).SingleOrDefaultAsync(ct);
        var tokens = db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>();
        var authorizations = db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>();
        var counts = new Dictionary<string, long>
        {
            ["tokens"] = await tokens.Where(token => token.Subject == subject).ExecuteDeleteAsync(ct),
            ["authorizations"] = await authorizations.Where(authorization => authorization.Subject == subject).ExecuteDeleteAsync(ct),
            ["sessions"] = await db.Sessions.Where(session => session.AccountId == id).ExecuteDeleteAsync(ct),
            ["accounts"] = await db.Users.Where(user => user.Id == id).ExecuteDeleteAsync(ct),
        };
        await db.OneTimeTokens.Where(token => token.AccountId == id).ExecuteDeleteAsync(ct);
        await db.ForgetRequests(subject, ct);
        db.Add(new ErasedUser(id, version, now));
        return new ErasedAccount(generation + 1, counts);
    }

    public Task Save(CancellationToken ct) => transactions.Commit(ct);

    private async Task<AccountHolder?> Verify(Account? account, string password, HashingPriority priority, CancellationToken ct)
    {
        // An unknown, disabled or not activated account costs the same hash as a wrong password.
        var verifier = account is { IsEnabled: true, PasswordHash: { } own } ? own : null;
        var caller = origin.Current.Network;
        var result = await gate.Run(() => hasher.VerifyHashedPassword(account!, verifier ?? dummy.Value, password), priority, caller, ct);
        if (verifier is null || result == PasswordVerificationResult.Failed)
        {
            return null;
        }

        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            var rehashed = await gate.Run(() => hasher.HashPassword(account!, password), HashingPriority.KnownDevice, caller, ct);

            // A password that was changed in the meantime must not be overwritten.
            await db.Users.Where(user => user.Id == account!.Id && user.PasswordHash == verifier)
                .ExecuteUpdateAsync(set => set.SetProperty(user => user.PasswordHash, rehashed), ct);
        }

        return await ReadHolder(account!, ct);
    }

    private static void SetIdentifiers(Account account, long version, string username, string? email)
    {
        account.UserVersion = version;
        account.UserName = username;
        account.NormalizedUserName = LoginIdentifier.Normalize(username);
        account.Email = email;
        account.NormalizedEmail = email is null ? null : LoginIdentifier.Normalize(email);
    }

    private async Task<AccountHolder> ReadHolder(Account account, CancellationToken ct) => new(
        account.Id, account.UserName!, account.Role, account.Generation, account.Email, account.EmailConfirmed,
        await db.SecondFactors.AnyAsync(factor => factor.AccountId == account.Id && factor.ConfirmedAt != null, ct));
}

/// <summary>The verifier that passwords are compared with if the account does not exist or has no password.</summary>
internal sealed class DummyVerifier(IPasswordHasher<Account> hasher)
{
    private readonly Lazy<string> value = new(() => hasher.HashPassword(new Account(), Guid.NewGuid().ToString()));

    public string Value => value.Value;
}
