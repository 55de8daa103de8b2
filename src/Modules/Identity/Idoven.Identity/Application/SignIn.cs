using Idoven.Identity.Domain;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Application;

/// <summary>A person signs in with a password, or comes back with a cookie, a code or a refresh token.</summary>
internal sealed class SignInHandler(
    PasswordCheck passwords, IAccounts accounts, ISessions sessions, ISecondSteps steps, SecondFactorRule rule,
    [FromKeyedServices(IdentityModule.Name)] IAuditLog trail)
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
            return SignInResult.Refused(SignInRefusal.InvalidScope);
        }

        if (holder.HasSecondFactor ? code is null : rule.Requires(holder.Role))
        {
            return await Refuse(SignInRefusal.SecondFactorMissing, Reasons.SecondFactor, holder.Id);
        }

        if (holder.HasSecondFactor && !await steps.Pass(holder.Id, code!, ct))
        {
            return await Refuse(SignInRefusal.InvalidGrant, Reasons.SecondFactor, holder.Id);
        }

        return await Begin(holder, clientId, holder.HasSecondFactor, ct);
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
            ? SignInResult.Asks(await steps.Begin(holder.Id, use, ct))
            : await Enter(holder, clientId, current, isStrong: false, ct);
    }

    /// <summary>Everything that is asked was shown: the browser's session goes on, or one begins.</summary>
    public async Task<SignInResult> Enter(AccountHolder holder, string clientId, SessionTicket? current, bool isStrong, CancellationToken ct)
    {
        if (current?.AccountId != holder.Id || await Again(current with { IsStrong = isStrong }, [], ct) is not { Holder: not null } again)
        {
            return await Begin(holder, clientId, isStrong, ct);
        }

        await trail.Record(new AuditEntry(AuditActions.SignIn, $"{holder.Id}", "again") { Subject = $"{holder.Id}", ClientId = clientId, SessionId = again.SessionId });
        return again;
    }

    /// <summary>What a person comes back with ends with its session, with the generation that it was made in, and once more is asked of its role.</summary>
    public async Task<SignInResult> Again(SessionTicket ticket, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await accounts.Find(ticket.AccountId, ct) is not { } holder
            || holder.Generation != ticket.Generation
            || (rule.Requires(holder.Role) && !ticket.IsStrong)
            || !await sessions.Continue(ticket.SessionId, ct))
        {
            return SignInResult.Refused(SignInRefusal.InvalidGrant);
        }

        return ScopesOfRole.Allow(holder.Role, scopes)
            ? SignInResult.Of(holder, ticket.SessionId, ticket.IsStrong)
            : SignInResult.Refused(SignInRefusal.InvalidScope);
    }

    /// <summary>Who it was that did not know the password is not known: the account is what it was done to. A name that nobody has is not on record.</summary>
    private async Task<SignInResult> Refuse(string username, CancellationToken ct) =>
        await Refuse(SignInRefusal.InvalidGrant, Reasons.Credentials, await accounts.Identify(username, ct));

    private async Task<SignInResult> Refuse(SignInRefusal refusal, string reason, Guid? account)
    {
        await trail.Record(AuditEntry.Refused(AuditActions.SignIn, reason, account?.ToString()));
        return SignInResult.Refused(refusal);
    }

    /// <summary>In a session that begins now; on record.</summary>
    public async Task<SignInResult> Begin(AccountHolder holder, string clientId, bool isStrong, CancellationToken ct) =>
        await sessions.Begin(holder.Id, clientId, ct) is { } session
            ? SignInResult.Of(holder, session, isStrong)
            : SignInResult.Refused(SignInRefusal.InvalidGrant);
}

/// <summary>What a cookie, a code or a refresh token says of the session it belongs to.</summary>
/// <param name="IsStrong">Whether a second factor was shown in it.</param>
internal sealed record SessionTicket(Guid AccountId, Guid SessionId, int Generation, bool IsStrong = false);

internal sealed record SignInResult(AccountHolder? Holder, Guid SessionId, bool IsStrong, SignInRefusal? Refusal, PendingStep? Step)
{
    public static SignInResult Of(AccountHolder holder, Guid sessionId, bool isStrong) => new(holder, sessionId, isStrong, null, null);

    public static SignInResult Asks(PendingStep step) => new(null, Guid.Empty, false, null, step);

    public static SignInResult Refused(SignInRefusal refusal) => new(null, Guid.Empty, false, refusal, null);
}

internal enum SignInRefusal
{
    InvalidGrant,
    InvalidScope,
    SecondFactorMissing,
}
