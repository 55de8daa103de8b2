using Idoven.Identity.Common;
using Idoven.Identity.Consents;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>
/// Lets a device act for the user that is signed in in this browser. The device gets a session of its own, which the end of the browser's
/// session does not end.
/// </summary>
internal sealed class AllowDeviceHandler(SignInHandler signIn, IConsents consents, IIdentityAuditLog auditLog)
{
    /// <returns>The new session and the consent for its scopes, or the reason of the rejection.</returns>
    public async Task<(SignInResult Session, Guid? Consent)> Handle(
        SessionTicket browser, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var result = await signIn.ResumeSession(browser, scopes, ct);
        if (result.Rejection == SignInRejection.InvalidScope)
        {
            await RecordRejection(browser, clientId, Reasons.Forbidden);
        }

        if (result.Holder is not { } holder)
        {
            return (result, null);
        }

        // Saved with the new session.
        auditLog.Add(WithSession(new AuditEntry(AuditActions.AllowDevice, clientId), browser));
        var consent = await consents.Record(holder.Id, clientId, scopes, ct);
        return (await signIn.StartSession(holder, clientId, browser.IsMultiFactor, ct), consent);
    }

    /// <summary>Adds the denial to the audit log. It is saved together with the device code, which the token server then rejects.</summary>
    public void Deny(SessionTicket browser, string clientId) =>
        auditLog.Add(WithSession(AuditEntry.Refused(AuditActions.AllowDevice, Reasons.Denied, clientId), browser));

    /// <summary>Records that the user typed a code that does not belong to a device.</summary>
    public Task RecordUnknownCode(SessionTicket browser) => RecordRejection(browser, clientId: null, Reasons.OneTimeToken);

    private Task RecordRejection(SessionTicket browser, string? clientId, string reason) =>
        auditLog.Record(WithSession(AuditEntry.Refused(AuditActions.AllowDevice, reason, clientId), browser));

    private static AuditEntry WithSession(AuditEntry entry, SessionTicket browser) =>
        entry with { Subject = $"{browser.AccountId}", SessionId = browser.SessionId };
}
