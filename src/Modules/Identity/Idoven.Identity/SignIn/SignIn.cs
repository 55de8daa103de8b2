using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Rights;
using Idoven.Identity.Sessions;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;

namespace Idoven.Identity.SignIn;

/// <summary>Signs users in with a password, and resumes sessions from a cookie, an authorization code or a refresh token.</summary>
internal sealed class SignInHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISessions sessions, ISecondFactors factors, IOneTimeTokens tokens,
    SecondFactorRule rule, IIdentityAuditLog auditLog)
{
    /// <summary>Signs in with all secrets in one request, for clients without pages.</summary>
    /// <param name="code">The code of the second factor, if the account has one.</param>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<SignInResult> WithPassword(
        string username, string password, string? code, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Reject(username, ct);
        }

        if (!ScopesOfRole.Allow(holder.Role, scopes))
        {
            return SignInResult.Rejected(SignInRejection.InvalidScope);
        }

        if (holder.HasSecondFactor ? code is null : rule.Requires(holder.Role))
        {
            return await Reject(SignInRejection.SecondFactorMissing, Reasons.SecondFactor, holder.Id);
        }

        if (holder.HasSecondFactor && !await VerifyCode(holder.Id, code!, ct))
        {
            return await Reject(SignInRejection.InvalidGrant, Reasons.SecondFactor, holder.Id);
        }

        return await StartSession(holder, clientId, holder.HasSecondFactor, ct);
    }

    /// <summary>Signs a browser in. Scopes are checked later, for each client that the user continues to.</summary>
    /// <param name="current">The session of the browser; null if it has none. If its user signs in again, the session is kept.</param>
    /// <param name="requiresTwoFactor">Whether the client requires a second factor of all users.</param>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<SignInResult> InBrowser(
        string username, string password, string clientId, SessionTicket? current, bool requiresTwoFactor, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Reject(username, ct);
        }

        var isRequired = requiresTwoFactor || rule.Requires(holder.Role);
        TokenUse? challenge = holder.HasSecondFactor ? TokenUse.SecondStep : isRequired ? TokenUse.Enrolment : null;
        return challenge is { } use
            ? SignInResult.RequiresTwoFactor(new PendingTwoFactor(await tokens.Issue(holder.Id, use, email: null, ct), use))
            : await CompleteSignIn(holder, clientId, current, isMultiFactor: false, ct);
    }

    /// <summary>Completes a sign-in after all challenges: resumes the session of the browser, or starts one.</summary>
    public async Task<SignInResult> CompleteSignIn(
        AccountHolder holder, string clientId, SessionTicket? current, bool isMultiFactor, CancellationToken ct)
    {
        if (current?.AccountId != holder.Id
            || await ResumeSession(current with { IsMultiFactor = isMultiFactor }, [], ct) is not { Holder: not null } resumed)
        {
            return await StartSession(holder, clientId, isMultiFactor, ct);
        }

        await auditLog.Record(new AuditEntry(AuditActions.SignIn, $"{holder.Id}", "again")
        {
            Subject = $"{holder.Id}",
            ClientId = clientId,
            SessionId = resumed.SessionId,
        });
        return resumed;
    }

    /// <summary>
    /// Resumes a session. It is rejected if the session ended, the generation of the account changed, or the role now requires a second
    /// factor.
    /// </summary>
    public async Task<SignInResult> ResumeSession(SessionTicket ticket, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await accounts.Find(ticket.AccountId, ct) is not { } holder
            || holder.Generation != ticket.Generation
            || (rule.Requires(holder.Role) && !ticket.IsMultiFactor)
            || !await sessions.Continue(ticket.SessionId, ct))
        {
            return SignInResult.Rejected(SignInRejection.InvalidGrant);
        }

        return ScopesOfRole.Allow(holder.Role, scopes)
            ? SignInResult.SignedIn(holder, ticket.SessionId, ticket.IsMultiFactor)
            : SignInResult.Rejected(SignInRejection.InvalidScope);
    }

    private async Task<bool> VerifyCode(Guid accountId, string code, CancellationToken ct)
    {
        var isRight = await changes.Lock(accountId, ct) is { } transaction && await factors.VerifyCode(accountId, code, transaction, ct);

        // A wrong code is counted, so it is committed too.
        await changes.Save(ct);
        return isRight;
    }

    /// <summary>
    /// Records a wrong password in the audit log: the account is the target, because the caller is unknown. A name of no account is not
    /// recorded.
    /// </summary>
    private async Task<SignInResult> Reject(string username, CancellationToken ct) =>
        await Reject(SignInRejection.InvalidGrant, Reasons.Credentials, await accounts.Identify(username, ct));

    private async Task<SignInResult> Reject(SignInRejection rejection, string reason, Guid? account)
    {
        await auditLog.Record(AuditEntry.Refused(AuditActions.SignIn, reason, account?.ToString()));
        return SignInResult.Rejected(rejection);
    }

    /// <summary>Starts a session and records the sign-in in the audit log.</summary>
    public async Task<SignInResult> StartSession(AccountHolder holder, string clientId, bool isMultiFactor, CancellationToken ct) =>
        await sessions.Begin(holder.Id, clientId, ct) is { } session
            ? SignInResult.SignedIn(holder, session, isMultiFactor)
            : SignInResult.Rejected(SignInRejection.InvalidGrant);
}

/// <summary>Represents the session that a cookie, an authorization code or a refresh token belongs to.</summary>
/// <param name="IsMultiFactor">Whether the user signed in with a second factor.</param>
internal sealed record SessionTicket(Guid AccountId, Guid SessionId, int Generation, bool IsMultiFactor = false);

internal sealed record SignInResult(
    AccountHolder? Holder, Guid SessionId, bool IsMultiFactor, SignInRejection? Rejection, PendingTwoFactor? TwoFactor)
{
    public static SignInResult SignedIn(AccountHolder holder, Guid sessionId, bool isMultiFactor) =>
        new(holder, sessionId, isMultiFactor, null, null);

    public static SignInResult RequiresTwoFactor(PendingTwoFactor pending) => new(null, Guid.Empty, false, null, pending);

    public static SignInResult Rejected(SignInRejection rejection) => new(null, Guid.Empty, false, rejection, null);
}

internal enum SignInRejection
{
    InvalidGrant,
    InvalidScope,
    SecondFactorMissing,
}
