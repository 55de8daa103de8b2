using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;

namespace Idoven.Identity.Sessions;

/// <summary>Ends one session: its refresh token becomes invalid, and its access tokens are rejected everywhere within a second.</summary>
internal sealed class EndSessionHandler(
    IAccounts accounts, IAccountChanges changes, ISessions sessions, IIdentityOutbox outbox,
    IIdentityAuditLog auditLog)
{
    /// <returns>False if the account has no such session.</returns>
    public async Task<bool> Handle(Guid accountId, Guid sessionId, SessionEnd reason, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) is not { } transaction
            || await accounts.Find(accountId, ct) is not { } holder
            || !await sessions.End(accountId, sessionId, transaction, ct))
        {
            return false;
        }

        auditLog.Add(CreateEntry(reason, $"{sessionId}") with { Subject = $"{accountId}" });
        outbox.Add(new SessionsRevoked(accountId.ToString(), sessionId.ToString(), holder.Generation), accountId);
        await changes.Save(ct);
        return true;
    }

    private static AuditEntry CreateEntry(SessionEnd reason, string session) => reason switch
    {
        SessionEnd.Asked => new(AuditActions.EndSession, session),
        SessionEnd.SignedOut => new(AuditActions.SignOut, session),
        SessionEnd.AnotherSignedIn => new(AuditActions.EndSession, session, "another_signed_in"),
        SessionEnd.TokenReplayed => new(AuditActions.EndSession, session, "token_replayed"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}

internal enum SessionEnd
{
    /// <summary>The user ended it in the list of their sessions.</summary>
    Asked,

    /// <summary>The user signed out.</summary>
    SignedOut,

    /// <summary>Another user signed in with the browser.</summary>
    AnotherSignedIn,

    /// <summary>An authorization code of the session was used twice.</summary>
    TokenReplayed,
}
