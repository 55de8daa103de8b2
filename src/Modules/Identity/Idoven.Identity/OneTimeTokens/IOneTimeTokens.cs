using Idoven.Identity.Accounts;
using Idoven.Shared.Data;

namespace Idoven.Identity.OneTimeTokens;

/// <summary>Issues and verifies tokens that are valid for one use, once, for a short time. Only their hashes are stored.</summary>
internal interface IOneTimeTokens
{
    /// <summary>Issues a token and saves it together with the added entries of the audit log.</summary>
    /// <param name="email">The address that the token is sent to, if it verifies that address; otherwise null.</param>
    /// <returns>The token: 256 random bits in clear text, which cannot be read again.</returns>
    Task<string> Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct);

    /// <summary>
    /// Makes an activation token valid in place of the previous one; does nothing if the account is activated or
    /// has a newer token. Users issues these tokens and sends only their hash, which can arrive before the message that creates the
    /// account.
    /// </summary>
    Task StoreActivation(NewActivation activation, OpenTransaction transaction, CancellationToken ct);

    /// <returns>Null if the token is unknown, used, replaced or expired, or its account does not exist or is disabled.</returns>
    Task<OneTimeToken?> Find(string token, TokenUse use, CancellationToken ct);

    /// <summary>Uses the token up.</summary>
    /// <returns>False if another request used it first.</returns>
    Task<bool> Redeem(string token, OpenTransaction transaction, CancellationToken ct);

    /// <summary>
    /// Counts a wrong password or code that was sent with the token. After five of them the token is invalid. Takes effect at once if no
    /// transaction is open, otherwise with its commit.
    /// </summary>
    Task CountFailedAttempt(string token, CancellationToken ct);

    /// <summary>
    /// Deletes the tokens of the account, because an attacker may hold one. An activation token stays: Users issued it, and replaces it.
    /// </summary>
    Task RevokeAll(Guid accountId, OpenTransaction transaction, CancellationToken ct);

    /// <returns>
    /// When and from where the account of a used or replaced activation token was activated; null if the token is another one or the
    /// account was not activated.
    /// </returns>
    Task<EarlierActivation?> FindEarlierActivation(string token, CancellationToken ct);
}

/// <param name="Version">The user's version that the token was issued in. A token never replaces one of a newer version.</param>
/// <param name="TokenHash">SHA-256, base64.</param>
internal sealed record NewActivation(Guid AccountId, long Version, string TokenHash, DateTimeOffset ExpiresAt);

internal sealed record OneTimeToken(Guid AccountId, string? Email);

internal enum TokenUse
{
    /// <summary>The password was right; a code of the second factor must follow.</summary>
    SecondStep,

    /// <summary>The password was right; a second factor must be set up.</summary>
    Enrolment,

    /// <summary>Verifies the e-mail address that the token was sent to.</summary>
    EmailVerification,

    /// <summary>Allows its holder to choose a new password.</summary>
    Recovery,

    /// <summary>Allows its holder to choose the first password. The module Users issues it.</summary>
    Activation,
}
