using Idoven.Identity.Domain;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Application;

/// <summary>A person signs in with a password, or comes back with a cookie, a code or a refresh token.</summary>
internal sealed class SignInHandler(
    PasswordCheck passwords, IAccounts accounts, ISessions sessions, [FromKeyedServices(IdentityModule.Name)] IAuditTrail trail)
{
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<SignInResult> WithPassword(string username, string password, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Refuse(username, ct);
        }

        if (!ScopesOfRole.Allow(holder.Role, scopes))
        {
            return SignInResult.Refused(SignInRefusal.InvalidScope);
        }

        return await Begin(holder, clientId, ct);
    }

    /// <summary>Signs a browser in: no scope is asked for yet, each client that it is used for asks for its own.</summary>
    /// <param name="current">The session that the browser has: a person who shows again that they are it stays in it.</param>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<SignInResult> InBrowser(string username, string password, string clientId, SessionTicket? current, CancellationToken ct)
    {
        if (await passwords.Verify(username, password, ct) is not { } holder)
        {
            return await Refuse(username, ct);
        }

        if (current?.AccountId != holder.Id || await Again(current, [], ct) is not { Holder: not null } again)
        {
            return await Begin(holder, clientId, ct);
        }

        await trail.Record(new AuditEntry(Acts.SignIn, $"{holder.Id}", "again") { Subject = $"{holder.Id}", ClientId = clientId, SessionId = again.SessionId });
        return again;
    }

    /// <summary>What a person comes back with ends with its session, and with the generation that it was made in.</summary>
    public async Task<SignInResult> Again(SessionTicket ticket, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await accounts.Find(ticket.AccountId, ct) is not { } holder
            || holder.Generation != ticket.Generation
            || !await sessions.Continue(ticket.SessionId, ct))
        {
            return SignInResult.Refused(SignInRefusal.InvalidGrant);
        }

        return ScopesOfRole.Allow(holder.Role, scopes) ? SignInResult.Of(holder, ticket.SessionId) : SignInResult.Refused(SignInRefusal.InvalidScope);
    }

    /// <summary>Who it was that did not know the password is not known: the account is what it was done to. A name that nobody has is not on record.</summary>
    private async Task<SignInResult> Refuse(string username, CancellationToken ct)
    {
        await trail.Record(AuditEntry.Refused(Acts.SignIn, "credentials", (await accounts.Identify(username, ct))?.ToString()));
        return SignInResult.Refused(SignInRefusal.InvalidGrant);
    }

    private async Task<SignInResult> Begin(AccountHolder holder, string clientId, CancellationToken ct) =>
        await sessions.Begin(holder.Id, clientId, ct) is { } session
            ? SignInResult.Of(holder, session)
            : SignInResult.Refused(SignInRefusal.InvalidGrant);
}

/// <summary>What a cookie, a code or a refresh token says of the session it belongs to.</summary>
internal sealed record SessionTicket(Guid AccountId, Guid SessionId, int Generation);

internal sealed record SignInResult(AccountHolder? Holder, Guid SessionId, SignInRefusal? Refusal)
{
    public static SignInResult Of(AccountHolder holder, Guid sessionId) => new(holder, sessionId, null);

    public static SignInResult Refused(SignInRefusal refusal) => new(null, Guid.Empty, refusal);
}

internal enum SignInRefusal
{
    InvalidGrant,
    InvalidScope,
}
