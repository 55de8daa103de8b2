namespace Idoven.Identity.OneTimeTokens;

/// <summary>Issues and verifies tokens that are valid for one use, once, for a short time. Only their hashes are stored.</summary>
internal interface IOneTimeTokens
{
    /// <summary>Issues a token and saves it together with the added entries of the audit log.</summary>
    /// <param name="email">The address that the token is sent to, if it verifies that address; otherwise null.</param>
    /// <returns>The token: 256 random bits in clear text, which cannot be read again.</returns>
    Task<string> Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct);

    /// <returns>Null if the token is unknown, used, replaced or expired, or its account is disabled.</returns>
    Task<OneTimeToken?> Find(string token, TokenUse use, CancellationToken ct);

    /// <summary>Uses the token up, in the open transaction.</summary>
    /// <returns>False if another request used it first.</returns>
    Task<bool> Redeem(string token, CancellationToken ct);

    /// <summary>Counts a wrong password or code that was sent with the token. After five of them the token is invalid.</summary>
    Task CountFailedAttempt(string token, CancellationToken ct);

    /// <summary>Deletes all tokens of the account, because an attacker may hold one.</summary>
    Task RevokeAll(Guid accountId, CancellationToken ct);
}

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
}
