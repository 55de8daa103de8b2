using System.Globalization;
using System.Net;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.Accounts;

/// <summary>Changes of accounts: each is one transaction, from <see cref="Lock"/> to <see cref="Save"/>.</summary>
internal interface IAccountChanges
{
    /// <returns>The account that this token may activate; null for a token that is unknown, used, replaced or over.</returns>
    Task<PendingActivation?> FindActivation(string tokenHash, CancellationToken ct);

    /// <returns>
    /// When and from where the account was activated that this token was issued for, if it was used or replaced; null for any other token and for an
    /// account that was not activated.
    /// </returns>
    Task<EarlierActivation?> FindEarlierActivation(string tokenHash, CancellationToken ct);

    /// <summary>A verifier of the password, to be given to <see cref="Activate"/> or <see cref="ChangePassword"/>.</summary>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    Task<string> Hash(string password, HashingPriority line, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits; whoever else changes this account waits until then.</summary>
    /// <returns>False where the user was deleted: what arrives late counts no more.</returns>
    Task<bool> Lock(Guid id, CancellationToken ct);

    /// <summary>Makes the account of a registered user, without a password; an older or repeated message changes nothing.</summary>
    Task Create(NewAccount account, CancellationToken ct);

    /// <summary>The token counts from now, and the one before it no more; not for an activated account, and not over a newer one.</summary>
    Task IssueActivation(NewActivation activation, CancellationToken ct);

    /// <summary>Takes over what changed of the user; an older message changes nothing.</summary>
    /// <returns>What is different now; null for an older message.</returns>
    /// <exception cref="AccountMissingException">Its registration has not arrived.</exception>
    Task<ChangedAccount?> Change(AccountChange change, CancellationToken ct);

    /// <summary>Uses up the token, and records from where.</summary>
    /// <returns>False where it does not count any more.</returns>
    Task<bool> Activate(Guid id, string tokenHash, string verifier, DateTimeOffset now, CancellationToken ct);

    /// <returns>The new generation: all older tokens end. Null where the account is gone or disabled.</returns>
    Task<int?> RaiseGeneration(Guid id, CancellationToken ct);

    /// <summary>Stores the new verifier.</summary>
    /// <returns>The new generation: all older tokens end. Null where the account is gone or disabled.</returns>
    Task<int?> ChangePassword(Guid id, string verifier, CancellationToken ct);

    /// <summary>The holder has shown that what is sent to the address reaches them: it is one to sign in with.</summary>
    /// <returns>False where the account has another address by now, or another account shows the same.</returns>
    Task<bool> VerifyEmail(Guid id, string normalizedEmail, CancellationToken ct);

    /// <summary>Removes the account with its sessions and tokens, and remembers that it was.</summary>
    Task<ErasedAccount> Erase(Guid id, long version, DateTimeOffset now, CancellationToken ct);

    /// <summary>One transaction: the account and what is said of it, or neither.</summary>
    Task Save(CancellationToken ct);
}

internal sealed record NewAccount(Guid Id, long Version, string Username, string? Email, string Role);

internal sealed record NewActivation(Guid UserId, long Version, string TokenHash, DateTimeOffset ExpiresAt);

internal sealed record PendingActivation(Guid UserId, string Username, string? Email);

/// <summary>An activation that was before: the holder of the token should know whether it was their own.</summary>
/// <param name="From">The address that it came from; null where it is not known, as of accounts from before it was recorded.</param>
internal sealed record EarlierActivation(DateTimeOffset At, IPAddress? From)
{
    /// <summary>A sentence for the holder.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"The account was activated on {At.UtcDateTime:yyyy-MM-dd} at {At.UtcDateTime:HH:mm} UTC from {From?.ToString() ?? "an unknown address"}.");
}

/// <param name="TimesDisabled">How often the user was; null where the sender does not count.</param>
internal sealed record AccountChange(Guid Id, long Version, string Username, string? Email, bool IsEnabled, int? TimesDisabled);

/// <param name="Generation">The new one where the user was disabled, be they enabled again or not: all older tokens end. Null otherwise.</param>
/// <param name="HasNewEmail">It has an e-mail address that was not verified yet.</param>
/// <param name="FormerEmail">The verified address that it had until now; null where it had none or has it still.</param>
/// <param name="HasNewUsername">Another than before.</param>
internal sealed record ChangedAccount(int? Generation, bool HasNewEmail, string? FormerEmail, bool HasNewUsername);

/// <param name="Generation">The first that none of its tokens has; null where there was no account.</param>
internal sealed record ErasedAccount(int? Generation, IReadOnlyDictionary<string, long> Counts);

/// <summary>A message came before the one it rests on: it is tried again.</summary>
internal sealed class AccountMissingException : Exception;
