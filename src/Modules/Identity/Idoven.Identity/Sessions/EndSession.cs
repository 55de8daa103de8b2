using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Sessions;

/// <summary>One sign-in ends: its refresh token gives nothing more, its access tokens are refused everywhere within a second.</summary>
internal sealed class EndSessionHandler(
    IAccounts accounts, IAccountChanges changes, ISessions sessions, IIdentityOutbox outbox,
    IIdentityAuditLog trail)
{
    /// <returns>False where the account has no such session.</returns>
    public async Task<bool> Handle(Guid accountId, Guid sessionId, SessionEnd why, CancellationToken ct)
    {
        if (!await changes.Lock(accountId, ct)
            || await accounts.Find(accountId, ct) is not { } holder
            || !await sessions.End(accountId, sessionId, ct))
        {
            return false;
        }

        trail.Add(Entry(why, $"{sessionId}") with { Subject = $"{accountId}" });
        outbox.Add(new SessionsRevoked(accountId.ToString(), sessionId.ToString(), holder.Generation), accountId);
        await changes.Save(ct);
        return true;
    }

    private static AuditEntry Entry(SessionEnd why, string session) => why switch
    {
        SessionEnd.Asked => new(AuditActions.EndSession, session),
        SessionEnd.SignedOut => new(AuditActions.SignOut, session),
        SessionEnd.AnotherSignedIn => new(AuditActions.EndSession, session, "another_signed_in"),
        SessionEnd.TokenReplayed => new(AuditActions.EndSession, session, "token_replayed"),
        _ => throw new ArgumentOutOfRangeException(nameof(why)),
    };
}

internal enum SessionEnd
{
    /// <summary>Its holder ended it from the list of their sessions.</summary>
    Asked,

    /// <summary>Its holder signed out.</summary>
    SignedOut,

    /// <summary>Another person signed in with the browser.</summary>
    AnotherSignedIn,

    /// <summary>A code of it came twice.</summary>
    TokenReplayed,
}
