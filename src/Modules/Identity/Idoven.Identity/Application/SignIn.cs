using Idoven.Identity.Domain;

namespace Idoven.Identity.Application;

/// <summary>A person signs in with a password, or comes back with a refresh token.</summary>
internal sealed class SignInHandler(IAccounts accounts, ISessions sessions)
{
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<SignInResult> WithPassword(string username, string password, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await accounts.Verify(username, password, ct) is not { } holder)
        {
            return SignInResult.Refused(SignInRefusal.InvalidGrant);
        }

        if (!ScopesOfRole.Allow(holder.Role, scopes))
        {
            return SignInResult.Refused(SignInRefusal.InvalidScope);
        }

        return await sessions.Begin(holder.Id, clientId, ct) is { } session
            ? SignInResult.Of(holder, session)
            : SignInResult.Refused(SignInRefusal.InvalidGrant);
    }

    /// <param name="generation">Of the refresh token: it ends with the generation it was made in.</param>
    public async Task<SignInResult> Again(Guid accountId, Guid sessionId, int generation, CancellationToken ct) =>
        await accounts.Find(accountId, ct) is { } holder && holder.Generation == generation && await sessions.Continue(sessionId, ct)
            ? SignInResult.Of(holder, sessionId)
            : SignInResult.Refused(SignInRefusal.InvalidGrant);
}

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
