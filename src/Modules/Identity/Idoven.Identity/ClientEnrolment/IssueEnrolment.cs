using Idoven.Identity.Clients;
using Idoven.Identity.Common;
using Idoven.Shared.Audit;
using Idoven.Shared.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>Issues a new enrolment token for a client that has no credential yet; the earlier ones expire.</summary>
internal sealed class IssueEnrolmentHandler(
    IClients clients, IEnrolments enrolments, IIdentityAuditLog auditLog, TimeProvider clock)
{
    /// <param name="key">The request's Idempotency-Key, or null; a repeated request issues no second token.</param>
    /// <returns>Whether the client exists; and the token, null if the same request issued it before.</returns>
    /// <exception cref="RequestKeyReusedException">The Idempotency-Key was used with another body.</exception>
    /// <exception cref="ClientEnrolledException">The client has a credential.</exception>
    public async Task<(bool IsFound, Enrolment? Enrolment)> Handle(string id, RequestKey? key, CancellationToken ct)
    {
        if (await clients.Lock(id, ct) is not { } client)
        {
            return (false, null);
        }

        var now = clock.GetUtcNow();
        if (key is not null && await clients.Claim(key, client.Key, now, ct) is not null)
        {
            return (true, null);
        }

        if (!client.IsEnrolling)
        {
            throw new ClientEnrolledException();
        }

        var enrolment = Enrolment.Issue(now);
        await enrolments.Add(client, enrolment, now, await clients.Begin(ct), ct);
        auditLog.Add(new AuditEntry(AuditActions.IssueEnrolment, client.Id));
        await clients.Save(ct);
        return (true, enrolment);
    }
}

internal sealed class ClientEnrolledException : Exception;
