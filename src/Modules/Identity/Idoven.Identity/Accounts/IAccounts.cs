using Idoven.Identity.SignIn;

namespace Idoven.Identity.Accounts;

/// <summary>Reads accounts and verifies their passwords.</summary>
internal interface IAccounts
{
    /// <summary>Finds the account of a name, for counting attempts only: the result must not be visible to the caller.</summary>
    /// <returns>Null if no account has the name.</returns>
    Task<Guid?> Identify(string login, CancellationToken ct);

    /// <summary>Verifies a password.</summary>
    /// <returns>The holder; null if the name is unknown, the password is wrong or the account is disabled, after the same work.</returns>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    Task<AccountHolder?> Verify(string username, string password, HashingPriority priority, CancellationToken ct);

    /// <summary>Verifies the password of an account that is already identified, whose names may have changed since.</summary>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    Task<AccountHolder?> Verify(Guid id, string password, CancellationToken ct);

    /// <summary>Finds the holder of a username or a verified e-mail address.</summary>
    /// <returns>Null if there is no such account, or it is disabled or was never activated.</returns>
    Task<AccountHolder?> Find(string identifier, CancellationToken ct);

    /// <returns>Null if the account was deleted or is disabled.</returns>
    Task<AccountHolder?> Find(Guid id, CancellationToken ct);
}

/// <param name="Generation">Tokens of an older generation are rejected.</param>
internal sealed record AccountHolder(
    Guid Id,
    string Username,
    string Role,
    int Generation,
    string? Email = null,
    bool HasVerifiedEmail = false,
    bool HasSecondFactor = false);
