using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.SignIn;

/// <summary>A person signs in with a password, or comes back with a cookie, a code or a refresh token.</summary>
internal sealed class SignInHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISessions sessions, ISecondFactors factors, IOneTimeTokens tokens,
    SecondFactorRule rule, IIdentityAuditLog trail)
{
    /// <summary>All at once, where no page can ask for the second factor.</summary>
    /// <param name="code">Of the second factor, where the account has one.</param>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<SignInResult> WithPassword(
        string username, string password, string? code, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Refuse(username, ct);
        }

        if (!ScopesOfRole.Allow(holder.Role, scopes))
        {
            return SignInResult.Rejected(SignInRejection.InvalidScope);
        }

        if (holder.HasSecondFactor ? code is null : rule.Requires(holder.Role))
        {
            return await Refuse(SignInRejection.SecondFactorMissing, Reasons.SecondFactor, holder.Id);
        }

        if (holder.HasSecondFactor && !await VerifyCode(holder.Id, code!, ct))
        {
            return await Refuse(SignInRejection.InvalidGrant, Reasons.SecondFactor, holder.Id);
        }

        return await StartSession(holder, clientId, holder.HasSecondFactor, ct);
    }

    /// <summary>Signs a browser in: no scope is asked for yet, each client that it is used for asks for its own.</summary>
    /// <param name="current">The session that the browser has: a person who shows again that they are it stays in it.</param>
    /// <param name="mustBeStrong">Whether the client asks for a second factor of everybody.</param>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<SignInResult> InBrowser(
        string username, string password, string clientId, SessionTicket? current, bool mustBeStrong, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Refuse(username, ct);
        }

        TokenUse? step = holder.HasSecondFactor ? TokenUse.SecondStep : mustBeStrong || rule.Requires(holder.Role) ? TokenUse.Enrolment : null;
        return step is { } use
            ? SignInResult.RequiresTwoFactor(new PendingTwoFactor(await tokens.Issue(holder.Id, use, email: null, ct), use))
            : await CompleteSignIn(holder, clientId, current, isStrong: false, ct);
    }

    /// <summary>Everything that is asked was shown: the browser's session goes on, or one begins.</summary>
    public async Task<SignInResult> CompleteSignIn(AccountHolder holder, string clientId, SessionTicket? current, bool isStrong, CancellationToken ct)
    {
        if (current?.AccountId != holder.Id || await ResumeSession(current with { IsMultiFactor = isStrong }, [], ct) is not { Holder: not null } again)
        {
            return await StartSession(holder, clientId, isStrong, ct);
        }

        await trail.Record(new AuditEntry(AuditActions.SignIn, $"{holder.Id}", "again") { Subject = $"{holder.Id}", ClientId = clientId, SessionId = again.SessionId });
        return again;
    }

    /// <summary>What a person comes back with ends with its session, with the generation that it was made in, and once more is asked of its role.</summary>
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
        var isRight = await changes.Lock(accountId, ct) && await factors.VerifyCode(accountId, code, ct);

        // A wrong code is counted, so it is committed too.
        await changes.Save(ct);
        return isRight;
    }

    /// <summary>Who it was that did not know the password is not known: the account is what it was done to. A name that nobody has is not on record.</summary>
    private async Task<SignInResult> Refuse(string username, CancellationToken ct) =>
        await Refuse(SignInRejection.InvalidGrant, Reasons.Credentials, await accounts.Identify(username, ct));

    private async Task<SignInResult> Refuse(SignInRejection refusal, string reason, Guid? account)
    {
        await trail.Record(AuditEntry.Refused(AuditActions.SignIn, reason, account?.ToString()));
        return SignInResult.Rejected(refusal);
    }

    /// <summary>In a session that begins now; on record.</summary>
    public async Task<SignInResult> StartSession(AccountHolder holder, string clientId, bool isStrong, CancellationToken ct) =>
        await sessions.Begin(holder.Id, clientId, ct) is { } session
            ? SignInResult.SignedIn(holder, session, isStrong)
            : SignInResult.Rejected(SignInRejection.InvalidGrant);
}

/// <summary>What a cookie, a code or a refresh token says of the session it belongs to.</summary>
/// <param name="IsMultiFactor">Whether a second factor was shown in it.</param>
internal sealed record SessionTicket(Guid AccountId, Guid SessionId, int Generation, bool IsMultiFactor = false);

internal sealed record SignInResult(AccountHolder? Holder, Guid SessionId, bool IsMultiFactor, SignInRejection? Refusal, PendingTwoFactor? Step)
{
    public static SignInResult SignedIn(AccountHolder holder, Guid sessionId, bool isStrong) => new(holder, sessionId, isStrong, null, null);

    public static SignInResult RequiresTwoFactor(PendingTwoFactor step) => new(null, Guid.Empty, false, null, step);

    public static SignInResult Rejected(SignInRejection refusal) => new(null, Guid.Empty, false, refusal, null);
}

internal enum SignInRejection
{
    InvalidGrant,
    InvalidScope,
    SecondFactorMissing,
}
