using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Accounts;

internal static class AccountsByName
{
    /// <summary>
    /// Finds the account that a user signs in to with this name. An account with this verified e-mail address comes before one with this
    /// username: a username that looks like an address cannot hide the account of the address.
    /// </summary>
    /// <param name="normalized">The name as <c>LoginIdentifier</c> normalizes it.</param>
    public static async Task<Account?> Named(this IQueryable<Account> accounts, string normalized, CancellationToken ct)
    {
        var found = await accounts
            .Where(account => account.NormalizedUserName == normalized || (account.NormalizedEmail == normalized && account.EmailConfirmed))
            .ToListAsync(ct);
        return FindBestMatch(found, normalized);
    }

    /// <summary>Finds the accounts of these names, each once.</summary>
    /// <inheritdoc cref="Named(IQueryable{Account}, string, CancellationToken)"/>
    public static async Task<IReadOnlyCollection<Account>> Named(
        this IQueryable<Account> accounts, IReadOnlyCollection<string> normalized, CancellationToken ct)
    {
        var found = await accounts
            .Where(account => normalized.Contains(account.NormalizedUserName!)
                || (normalized.Contains(account.NormalizedEmail!) && account.EmailConfirmed))
            .ToListAsync(ct);
        return [.. normalized.Select(name => FindBestMatch(found, name)).OfType<Account>().Distinct()];
    }

    private static Account? FindBestMatch(IEnumerable<Account> found, string normalized) => found
        .Where(account => account.NormalizedUserName == normalized || (account.NormalizedEmail == normalized && account.EmailConfirmed))
        .MaxBy(account => account.EmailConfirmed && account.NormalizedEmail == normalized);
}
