using Idoven.Identity.SignIn;

namespace Idoven.Identity.Accounts;

/// <summary>The accounts people sign in with.</summary>
internal interface IAccounts
{
    /// <returns>Whom the name belongs to; null for a name that nobody has. Only for what is counted: it must not be told to anybody.</returns>
    Task<Guid?> Identify(string login, CancellationToken ct);

    /// <returns>The holder; null for an unknown name, a wrong password or a disabled account, after the same work.</returns>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    Task<AccountHolder?> Verify(string username, string password, HashingPriority line, CancellationToken ct);

    /// <summary>The same of an account that is known already, whatever its names are by now.</summary>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    Task<AccountHolder?> Verify(Guid id, string password, CancellationToken ct);

    /// <returns>Who is meant by a username or a verified e-mail address; null where nobody is, or the account is disabled or was never activated.</returns>
    Task<AccountHolder?> Find(string identifier, CancellationToken ct);

    /// <returns>The holder; null where the account is gone or disabled.</returns>
    Task<AccountHolder?> Find(Guid id, CancellationToken ct);
}

/// <param name="Generation">Tokens of an older generation are refused.</param>
internal sealed record AccountHolder(Guid Id, string Username, string Role, int Generation, string? Email = null, bool HasVerifiedEmail = false, bool HasSecondFactor = false);
