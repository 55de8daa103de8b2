using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Verifies the two-factor challenge of a sign-in in a browser: a code of the app or a recovery code. A user that must have a second factor
/// and has none sets it up here. After five wrong codes the sign-in has to start again.
/// </summary>
internal sealed class TwoFactorChallengeHandler(
    PasswordCheck passwords, SignInHandler signIn, IAccounts accounts, IAccountChanges changes, ISecondFactors factors,
    TwoFactorEnrolment enrolment, IOneTimeTokens tokens, IIdentityAuditLog auditLog)
{
    /// <summary>Verifies a code, and completes the sign-in if it is right.</summary>
    /// <param name="token">The token of the <see cref="PendingTwoFactor"/>.</param>
    public async Task<TwoFactorChallengeResult> VerifyCode(
        string token, string code, string clientId, SessionTicket? current, CancellationToken ct)
    {
        if (await LockAccount(token, TokenUse.SecondStep, ct) is not (var accountId, var transaction))
        {
            return await RejectToken();
        }

        var isRight = await factors.VerifyCode(accountId, code, transaction, ct);
        return await Complete(accountId, token, isRight, clientId, current, recoveryCodes: null, transaction, ct);
    }

    /// <summary>Returns the secret that the user sets up in the app; the same one until it is confirmed.</summary>
    /// <returns>Null if the sign-in has to start again.</returns>
    public async Task<SecondFactorSecret?> StartEnrolment(string token, CancellationToken ct)
    {
        if (await LockAccount(token, TokenUse.Enrolment, ct) is not (var accountId, var transaction)
            || await accounts.Find(accountId, ct) is not { } holder
            || await factors.StartEnrolment(accountId, replace: false, transaction, ct) is not { } secret)
        {
            return null;
        }

        await changes.Save(ct);
        return new SecondFactorSecret(holder.Username, secret);
    }

    /// <summary>Turns the second factor on with the first code of the app, and completes the sign-in.</summary>
    public async Task<TwoFactorChallengeResult> Enrol(
        string token, string code, string clientId, SessionTicket? current, CancellationToken ct)
    {
        if (await LockAccount(token, TokenUse.Enrolment, ct) is not (var accountId, var transaction))
        {
            return await RejectToken();
        }

        var recoveryCodes = await enrolment.Confirm(accountId, code, transaction, ct);
        return await Complete(accountId, token, isRight: recoveryCodes is not null, clientId, current, recoveryCodes, transaction, ct);
    }

    /// <summary>
    /// Locks the account of the token. The token is read again after that, because a concurrent request may have used it.
    /// </summary>
    /// <returns>Null if the token is not valid.</returns>
    /// <exception cref="TooManySignInsException">Too many attempts from this address are waiting already.</exception>
    private async Task<(Guid AccountId, OpenTransaction Transaction)?> LockAccount(string token, TokenUse use, CancellationToken ct) =>
        await passwords.VerifyToken(token, () => tokens.Find(token, use, ct), ct) is { AccountId: var id }
        && await changes.Lock(id, ct) is { } transaction
        && await tokens.Find(token, use, ct) is not null
            ? (id, transaction)
            : null;

    private async Task<TwoFactorChallengeResult> RejectToken()
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.SignIn, Reasons.OneTimeToken));
        return TwoFactorChallengeResult.Expired;
    }

    private async Task<TwoFactorChallengeResult> Complete(
        Guid accountId,
        string token,
        bool isRight,
        string clientId,
        SessionTicket? current,
        IReadOnlyList<string>? recoveryCodes,
        OpenTransaction transaction,
        CancellationToken ct)
    {
        if (isRight)
        {
            await tokens.Redeem(token, transaction, ct);
        }
        else
        {
            await tokens.CountFailedAttempt(token, ct);
            auditLog.Add(AuditEntry.Refused(AuditActions.SignIn, Reasons.SecondFactor, $"{accountId}"));
        }

        // A wrong code is counted, so it is committed too.
        await changes.Save(ct);
        if (!isRight)
        {
            return TwoFactorChallengeResult.Wrong;
        }

        return await accounts.Find(accountId, ct) is { } holder
            && await signIn.CompleteSignIn(holder, clientId, current, isMultiFactor: true, ct) is { Holder: not null } signedIn
            ? new TwoFactorChallengeResult(signedIn, IsWrong: false, recoveryCodes)
            : TwoFactorChallengeResult.Expired;
    }
}

/// <param name="SignIn">Null if the code was wrong, or the sign-in has to start again.</param>
/// <param name="RecoveryCodes">The recovery codes in clear text, if a second factor was set up; they cannot be read again.</param>
internal sealed record TwoFactorChallengeResult(SignInResult? SignIn, bool IsWrong, IReadOnlyList<string>? RecoveryCodes)
{
    public static TwoFactorChallengeResult Wrong { get; } = new(null, IsWrong: true, null);

    public static TwoFactorChallengeResult Expired { get; } = new(null, IsWrong: false, null);
}

/// <summary>Represents the secret that an authenticator app is set up with.</summary>
internal sealed record SecondFactorSecret(string Username, byte[] Secret);
