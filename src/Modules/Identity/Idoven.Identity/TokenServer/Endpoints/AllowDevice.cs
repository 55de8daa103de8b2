using Idoven.Identity.Common;
using Idoven.Identity.Consents;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>The person whose browser this is lets a device act for them: in a session of its own, which outlives the browser's.</summary>
internal sealed class AllowDeviceHandler(SignInHandler signIn, IConsents consents, IIdentityAuditLog trail)
{
    /// <returns>The session that began, and what it is allowed in.</returns>
    public async Task<(SignInResult Session, Guid? Consent)> Handle(SessionTicket browser, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var result = await signIn.ResumeSession(browser, scopes, ct);
        if (result.Rejection == SignInRejection.InvalidScope)
        {
            await Refuse(browser, clientId, Reasons.Forbidden);
        }

        if (result.Holder is not { } holder)
        {
            return (result, null);
        }

        // Saved with the session that begins.
        trail.Add(WithSession(new AuditEntry(AuditActions.AllowDevice, clientId), browser));
        var consent = await consents.Record(holder.Id, clientId, scopes, ct);
        return (await signIn.StartSession(holder, clientId, browser.IsMultiFactor, ct), consent);
    }

    /// <summary>The person did not allow it: saved with the device's code, which the token server ends then.</summary>
    public void Deny(SessionTicket browser, string clientId) => trail.Add(WithSession(AuditEntry.Refused(AuditActions.AllowDevice, Reasons.Denied, clientId), browser));

    /// <summary>The person typed a code that no device shows.</summary>
    public Task MissCode(SessionTicket browser) => Refuse(browser, clientId: null, Reasons.OneTimeToken);

    private Task Refuse(SessionTicket browser, string? clientId, string reason) => trail.Record(WithSession(AuditEntry.Refused(AuditActions.AllowDevice, reason, clientId), browser));

    private static AuditEntry WithSession(AuditEntry entry, SessionTicket browser) => entry with { Subject = $"{browser.AccountId}", SessionId = browser.SessionId };
}
