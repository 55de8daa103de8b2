using Idoven.Identity.Accounts;
using Idoven.Shared.Data;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Stores and verifies second factors: the authenticator app and the recovery codes of an account. The transaction is that of
/// <see cref="IAccountChanges"/>, with the account locked.
/// </summary>
internal interface ISecondFactors
{
    Task<SecondFactorState> Find(Guid accountId, CancellationToken ct);

    /// <summary>Returns the secret of a second factor that is on as soon as its first code is confirmed.</summary>
    /// <param name="replace">Whether to replace an earlier secret that was not confirmed; otherwise that one is returned.</param>
    /// <returns>Null if the second factor is already on.</returns>
    Task<byte[]?> StartEnrolment(Guid accountId, bool replace, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Turns the second factor on if this is the right first code of the app.</summary>
    /// <returns>False if the code is wrong, or no enrolment was started.</returns>
    Task<bool> Confirm(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct);

    /// <summary>
    /// Verifies a code of the app or a recovery code; each can be used once. Wrong codes are counted and delay the next one, so the caller
    /// commits the transaction after a wrong code too.
    /// </summary>
    /// <returns>False if the code is not valid, or the second factor is off.</returns>
    Task<bool> VerifyCode(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Uses a recovery code for a new password, whether or not a second factor is on. The other codes become invalid.</summary>
    /// <returns>False if the code is not valid.</returns>
    Task<bool> UseForRecovery(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Issues ten new recovery codes, which replace the old ones.</summary>
    /// <returns>The codes in clear text, which cannot be read again.</returns>
    Task<IReadOnlyList<string>> IssueRecoveryCodes(Guid accountId, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Turns the second factor off. Recovery codes stay valid.</summary>
    /// <returns>False if it was off.</returns>
    Task<bool> Remove(Guid accountId, OpenTransaction transaction, CancellationToken ct);
}

/// <param name="Since">When the first code was confirmed; null if the second factor is off.</param>
internal sealed record SecondFactorState(DateTimeOffset? Since, int RecoveryCodesLeft)
{
    public bool IsOn => Since is not null;
}
