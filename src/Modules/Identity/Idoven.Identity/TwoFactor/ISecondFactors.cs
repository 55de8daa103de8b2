using Idoven.Identity.Accounts;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// What people show beside the password: codes of an authenticator app, and recovery codes. All but <see cref="Find"/> happens in the transaction
/// of <see cref="IAccountChanges"/>, with the account locked.
/// </summary>
internal interface ISecondFactors
{
    Task<SecondFactorState> Find(Guid accountId, CancellationToken ct);

    /// <summary>A secret that counts from its first code on; until then it is the same however often this is asked, unless it is to be another.</summary>
    /// <returns>Null where a second factor is on already.</returns>
    Task<byte[]?> StartEnrolment(Guid accountId, bool anew, CancellationToken ct);

    /// <summary>The first code of the app: from now it is asked for.</summary>
    /// <returns>False where it is wrong, or nothing was begun.</returns>
    Task<bool> Confirm(Guid accountId, string code, CancellationToken ct);

    /// <summary>A code of the app or a recovery code: either counts once. Wrong ones are counted, and make the next wait: that is saved too.</summary>
    /// <returns>False where it does not count, or no second factor is on.</returns>
    Task<bool> VerifyCode(Guid accountId, string code, CancellationToken ct);

    /// <summary>Uses a recovery code for a new password, whether or not a second factor is on. The other codes end with it.</summary>
    /// <returns>False if it is not valid.</returns>
    Task<bool> UseForRecovery(Guid accountId, string code, CancellationToken ct);

    /// <summary>Ten new codes; those before end.</summary>
    /// <returns>In clear, this once.</returns>
    Task<IReadOnlyList<string>> IssueRecoveryCodes(Guid accountId, CancellationToken ct);

    /// <returns>False where none was on.</returns>
    Task<bool> Remove(Guid accountId, CancellationToken ct);
}

/// <param name="Since">When its first code came; null where none is on.</param>
internal sealed record SecondFactorState(DateTimeOffset? Since, int RecoveryCodesLeft)
{
    public bool IsOn => Since is not null;
}
