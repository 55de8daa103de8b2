namespace Idoven.Identity.OneTimeTokens;

/// <summary>Tokens that are good for one thing, once, for a short time; only their hashes are kept.</summary>
internal interface IOneTimeTokens
{
    /// <summary>Saved with what is on record of it.</summary>
    /// <returns>256 random bits, in clear, this once.</returns>
    /// <param name="email">The address that it goes to, where it counts for that alone.</param>
    Task<string> Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct);

    /// <returns>Null for a token that is unknown, used, replaced or over, or whose account is disabled.</returns>
    Task<OneTimeToken?> Find(string token, TokenUse use, CancellationToken ct);

    /// <summary>Removes it.</summary>
    /// <returns>False where another was faster.</returns>
    Task<bool> Redeem(string token, CancellationToken ct);

    /// <summary>Something wrong was said with it: after a handful of these it is good for nothing.</summary>
    Task CountFailedAttempt(string token, CancellationToken ct);

    /// <summary>Every token of the account ends: whoever has one may be who the account is taken back from.</summary>
    Task RevokeAll(Guid accountId, CancellationToken ct);
}

internal sealed record OneTimeToken(Guid AccountId, string? Email);

internal enum TokenUse
{
    /// <summary>The password was right: the second factor is to follow.</summary>
    SecondStep,

    /// <summary>The password was right: a second factor is to be set up.</summary>
    Enrolment,

    /// <summary>Whoever has it reads what is sent to the address.</summary>
    EmailVerification,

    /// <summary>Whoever has it may choose a new password.</summary>
    Recovery,
}
