using Idoven.Identity.Clients;
using Idoven.Identity.Common;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>Exchanges an enrolment token for the first credential of a client. Only the client itself gets to know it.</summary>
internal sealed class EnrolClientHandler(
    PasswordCheck passwords, IClients clients, IEnrolments enrolments, IIdentityAuditLog auditLog,
    TimeProvider clock)
{
    /// <param name="keys">The public keys that the client signs with; null gives it a secret.</param>
    /// <returns>Null if the token is unknown, used, replaced, expired or another client's, or the client is disabled.</returns>
    /// <exception cref="ClientRuleException">A key breaks a rule; the token stays valid.</exception>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already.</exception>
    public async Task<EnrolledClient?> Handle(string clientId, string token, ClientKeys? keys, CancellationToken ct)
    {
        if (keys is not null)
        {
            ClientRules.CheckKeys(keys);
        }

        return await passwords.VerifyToken(token, () => Enrol(clientId, Enrolment.ComputeHash(token), keys, ct), ct);
    }

    private async Task<EnrolledClient?> Enrol(string clientId, string tokenHash, ClientKeys? keys, CancellationToken ct)
    {
        if (await enrolments.Find(tokenHash, ct) is not { } issued)
        {
            return await Reject(clientId, issued: null, ct);
        }

        // The token is checked again when the client is locked: of two concurrent uses only one succeeds.
        if (issued.ClientId != clientId
            || await clients.Lock(issued.ClientId, ct) is not { IsEnrolling: true, IsEnabled: true } client
            || !await enrolments.Redeem(client, tokenHash, clock.GetUtcNow(), await clients.Begin(ct), ct))
        {
            return await Reject(clientId, await enrolments.Find(tokenHash, ct) ?? issued, ct);
        }

        var secret = keys is null ? ClientSecret.Generate() : null;
        await (secret is null ? clients.SetKeys(client, keys, ct) : clients.SetSecret(client, secret, ct));
        auditLog.Add(new AuditEntry(AuditActions.EnrolClient, client.Id) { Subject = $"client:{client.Id}", ClientId = client.Id });
        await clients.Save(ct);
        return new EnrolledClient(client.Id, secret);
    }

    /// <summary>Records the rejection for the client that the token was issued for, and for the client that the caller named.</summary>
    private async Task<EnrolledClient?> Reject(string clientId, IssuedEnrolment? issued, CancellationToken ct)
    {
        // An id that does not belong to a client is arbitrary text of the caller, and is not stored.
        var named = Guid.TryParseExact(clientId, "D", out _) ? (await clients.Find(clientId, ct))?.Id : null;
        if (issued is not null)
        {
            var reason = issued.IsUsed ? Reasons.UsedToken : Reasons.OneTimeToken;
            await auditLog.Record(AuditEntry.Refused(AuditActions.EnrolClient, reason, issued.ClientId) with { ClientId = named });
        }

        if (named != issued?.ClientId || issued is null)
        {
            await auditLog.Record(AuditEntry.Refused(AuditActions.EnrolClient, Reasons.OneTimeToken, named) with { ClientId = named });
        }

        return null;
    }
}

/// <param name="Secret">Null if the client signs with its keys.</param>
internal sealed record EnrolledClient(string Id, string? Secret);
