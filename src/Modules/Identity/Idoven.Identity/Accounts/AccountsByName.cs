using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Accounts;

internal static class AccountsByName
{
    /// <summary>
    /// The account that somebody means who types this. Whoever has shown that an e-mail address is theirs is meant by it, even where it is
    /// somebody else's username: a name that looks like an address hides nobody.
    /// </summary>
    /// <param name="normalized">As <c>LoginIdentifier</c> makes it.</param>
    public static async Task<Account?> Named(this IQueryable<Account> accounts, string normalized, CancellationToken ct)
    {
        var found = await accounts
            .Where(account => account.NormalizedUserName == normalized || (account.NormalizedEmail == normalized && account.EmailConfirmed))
            .ToListAsync(ct);
        return Meant(found, normalized);
    }

    /// <summary>The accounts that are meant by any of these names, each once.</summary>
    /// <inheritdoc cref="Named(IQueryable{Account}, string, CancellationToken)"/>
    public static async Task<IReadOnlyCollection<Account>> Named(
        this IQueryable<Account> accounts, IReadOnlyCollection<string> normalized, CancellationToken ct)
    {
        var found = await accounts
            .Where(account => normalized.Contains(account.NormalizedUserName!)
                || (normalized.Contains(account.NormalizedEmail!) && account.EmailConfirmed))
            .ToListAsync(ct);
        return [.. normalized.Select(name => Meant(found, name)).OfType<Account>().Distinct()];
    }

    private static Account? Meant(IEnumerable<Account> found, string normalized) => found
        .Where(account => account.NormalizedUserName == normalized || (account.NormalizedEmail == normalized && account.EmailConfirmed))
        .MaxBy(account => account.EmailConfirmed && account.NormalizedEmail == normalized);
}
