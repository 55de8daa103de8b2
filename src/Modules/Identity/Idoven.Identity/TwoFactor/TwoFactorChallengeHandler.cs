using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// The second step of a sign-in in a browser: a code of the app or a recovery code. Who has to have a second factor and has none sets it up
/// here. A handful of wrong codes, and the sign-in starts over.
/// </summary>
internal sealed class TwoFactorChallengeHandler(
    PasswordCheck passwords, SignInHandler signIn, IAccounts accounts, IAccountChanges changes, ISecondFactors factors,
    TwoFactorEnrolment enrolment, IOneTimeTokens tokens, IIdentityAuditLog trail)
{
    /// <param name="token">Of the <see cref="PendingTwoFactor"/>.</param>
    public async Task<TwoFactorChallengeResult> Answer(string token, string code, string clientId, SessionTicket? current, CancellationToken ct)
    {
        if (await Pending(token, TokenUse.SecondStep, ct) is not { } accountId)
        {
            return await Expired();
        }

        var isRight = await factors.VerifyCode(accountId, code, ct);
        return await Settle(accountId, token, isRight, clientId, current, codes: null, ct);
    }

    /// <summary>The secret to be set up in the app.</summary>
    /// <returns>Null where the sign-in has to start over.</returns>
    public async Task<SecondFactorOffer?> Offer(string token, CancellationToken ct)
    {
        if (await Pending(token, TokenUse.Enrolment, ct) is not { } accountId
            || await accounts.Find(accountId, ct) is not { } holder
            || await factors.StartEnrolment(accountId, anew: false, ct) is not { } secret)
        {
            return null;
        }

        await changes.Save(ct);
        return new SecondFactorOffer(holder.Username, secret);
    }

    /// <summary>The first code of the app: the second factor is on, and the person in.</summary>
    public async Task<TwoFactorChallengeResult> Enrol(string token, string code, string clientId, SessionTicket? current, CancellationToken ct)
    {
        if (await Pending(token, TokenUse.Enrolment, ct) is not { } accountId)
        {
            return await Expired();
        }

        var codes = await enrolment.Confirm(accountId, code, ct);
        return await Settle(accountId, token, isRight: codes is not null, clientId, current, codes, ct);
    }

    /// <summary>The account, locked.</summary>
    /// <exception cref="TooManySignInsException">Too many attempts from this address are waiting already.</exception>
    private async Task<Guid?> Pending(string token, TokenUse use, CancellationToken ct) =>
        await passwords.VerifyToken(token, () => tokens.Find(token, use, ct), ct) is { AccountId: var id } && await changes.Lock(id, ct) && await tokens.Find(token, use, ct) is not null ? id : null;

    /// <summary>Nobody's step, or nobody's any more.</summary>
    private async Task<TwoFactorChallengeResult> Expired()
    {
        await trail.Record(AuditEntry.Refused(AuditActions.SignIn, Reasons.OneTimeToken));
        return TwoFactorChallengeResult.Over;
    }

    private async Task<TwoFactorChallengeResult> Settle(
        Guid accountId, string token, bool isRight, string clientId, SessionTicket? current, IReadOnlyList<string>? codes, CancellationToken ct)
    {
        if (isRight)
        {
            await tokens.Redeem(token, ct);
        }
        else
        {
            await tokens.CountFailedAttempt(token, ct);
            trail.Add(AuditEntry.Refused(AuditActions.SignIn, Reasons.SecondFactor, $"{accountId}"));
        }

        // Right or wrong, it is counted.
        await changes.Save(ct);
        if (!isRight)
        {
            return TwoFactorChallengeResult.Wrong;
        }

        return await accounts.Find(accountId, ct) is { } holder
            && await signIn.CompleteSignIn(holder, clientId, current, isStrong: true, ct) is { Holder: not null } entered
            ? new TwoFactorChallengeResult(entered, IsWrong: false, codes)
            : TwoFactorChallengeResult.Over;
    }
}

/// <param name="SignIn">Null where the code was wrong, or the sign-in has to start over.</param>
/// <param name="RecoveryCodes">Where a second factor was set up: in clear, this once.</param>
internal sealed record TwoFactorChallengeResult(SignInResult? SignIn, bool IsWrong, IReadOnlyList<string>? RecoveryCodes)
{
    public static TwoFactorChallengeResult Wrong { get; } = new(null, IsWrong: true, null);

    public static TwoFactorChallengeResult Over { get; } = new(null, IsWrong: false, null);
}

/// <summary>What an authenticator app is to be told.</summary>
internal sealed record SecondFactorOffer(string Username, byte[] Secret);
