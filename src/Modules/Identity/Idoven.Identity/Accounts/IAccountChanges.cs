using System.Globalization;
using System.Net;
using Idoven.Identity.SignIn;
using Idoven.Shared.Data;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>Changes accounts, each change in one transaction from <see cref="Lock"/> to <see cref="Save"/>.</summary>
internal interface IAccountChanges
{
    /// <summary>Computes a verifier of the password, to be passed to <see cref="Activate"/> or <see cref="ChangePassword"/>.</summary>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    Task<string> Hash(string password, HashingPriority priority, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits; other changes of this account wait until then.</summary>
    /// <returns>
    /// The transaction, for the methods of all ports that require it; null if the user was deleted: late messages are then ignored.
    /// </returns>
    Task<OpenTransaction?> Lock(Guid id, CancellationToken ct);

    /// <summary>Creates the account of a registered user, without a password; an older or repeated message changes nothing.</summary>
    Task Create(NewAccount account, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Applies a change of the user; an older message changes nothing.</summary>
    /// <returns>The differences; null if the message is older.</returns>
    /// <exception cref="AccountMissingException">The message of the registration has not arrived yet.</exception>
    Task<ChangedAccount?> Change(AccountChange change, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Activates the account, and stores the address that the request came from.</summary>
    /// <returns>False if the account is activated already, or is disabled.</returns>
    Task<bool> Activate(Guid id, string verifier, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct);

    /// <returns>The new generation, which makes all older tokens invalid; null if the account was deleted or is disabled.</returns>
    Task<int?> RaiseGeneration(Guid id, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Stores the new verifier.</summary>
    /// <returns>The new generation, which makes all older tokens invalid; null if the account was deleted or is disabled.</returns>
    Task<int?> ChangePassword(Guid id, string verifier, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Marks the address as verified: the holder received a link that was sent to it, and can sign in with it.</summary>
    /// <returns>False if the account has another address by now, or another account has verified the same one.</returns>
    Task<bool> VerifyEmail(Guid id, string normalizedEmail, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Deletes the account with its sessions and tokens, and stores a tombstone.</summary>
    Task<ErasedAccount> Erase(Guid id, long version, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct);

    /// <summary>
    /// Commits the transaction, or one of its own if none is open: the account, its messages and its entries in the audit log.
    /// </summary>
    Task Save(CancellationToken ct);
}

internal sealed record NewAccount(Guid Id, long Version, string Username, string? Email, string Role);

/// <summary>Represents an earlier activation, by which the holder of a token can tell whether it was their own.</summary>
/// <param name="From">The address that it came from; null for accounts that were activated before addresses were stored.</param>
internal sealed record EarlierActivation(DateTimeOffset At, IPAddress? From)
{
    /// <summary>Returns a sentence for the holder.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"The account was activated on {At.UtcDateTime:yyyy-MM-dd} at {At.UtcDateTime:HH:mm} UTC "
            + $"from {From?.ToString() ?? "an unknown address"}.");
}

/// <param name="TimesDisabled">How often the user was disabled; null in messages of releases that did not count it.</param>
internal sealed record AccountChange(Guid Id, long Version, string Username, string? Email, bool IsEnabled, int? TimesDisabled)
{
    public static AccountChange FromMessage(UserChanged user) =>
        new(user.UserId, user.Version, user.Username, user.Email, user.Enabled, user.TimesDisabled);
}

/// <param name="Generation">The new generation if the user was disabled, even if they are enabled again; otherwise null.</param>
/// <param name="HasNewEmail">Whether it has another e-mail address, which is not verified yet.</param>
/// <param name="FormerEmail">The verified address that the account had before; null if it had none or still has it.</param>
/// <param name="HasNewUsername">Whether the username is another one.</param>
internal sealed record ChangedAccount(int? Generation, bool HasNewEmail, string? FormerEmail, bool HasNewUsername);

/// <param name="Generation">The first generation that none of its tokens has; null if there was no account.</param>
internal sealed record ErasedAccount(int? Generation, IReadOnlyDictionary<string, long> Counts);

/// <summary>Thrown if a message arrives before the one that it depends on; the message is retried.</summary>
internal sealed class AccountMissingException : Exception;
