using Idoven.Identity.Common;
using Idoven.Identity.Clients;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>A client exchanges its enrolment token for its first credential, which is shown to no one else.</summary>
internal sealed class EnrolClientHandler(
    PasswordCheck passwords, IClients clients, IEnrolments enrolments, IIdentityAuditLog trail,
    TimeProvider clock)
{
    /// <param name="keys">The public keys that the client signs with; null gives it a secret.</param>
    /// <returns>Null if the token is unknown, used, replaced, expired or another client's, or the client is disabled.</returns>
    /// <exception cref="ClientRuleException">A key breaks a rule; the token stays good.</exception>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already.</exception>
    public async Task<EnrolledClient?> Handle(string clientId, string token, ClientKeys? keys, CancellationToken ct)
    {
        if (keys is not null)
        {
            ClientRules.CheckKeys(keys);
        }

        return await passwords.VerifyToken(token, () => Enrol(clientId, Enrolment.HashOf(token), keys, ct), ct);
    }

    private async Task<EnrolledClient?> Enrol(string clientId, string tokenHash, ClientKeys? keys, CancellationToken ct)
    {
        if (await enrolments.Find(tokenHash, ct) is not { } issued)
        {
            return await Reject(clientId, issued: null, ct);
        }

        // The client is locked before its token is looked at again: of two uses at the same moment one finds it used.
        if (issued.ClientId != clientId
            || await clients.Lock(issued.ClientId, ct) is not { IsEnrolling: true, IsEnabled: true } client
            || !await enrolments.Redeem(client, tokenHash, clock.GetUtcNow(), ct))
        {
            return await Reject(clientId, await enrolments.Find(tokenHash, ct) ?? issued, ct);
        }

        var secret = keys is null ? ClientSecret.Generate() : null;
        await (secret is null ? clients.SetKeys(client, keys, ct) : clients.SetSecret(client, secret, ct));
        trail.Add(new AuditEntry(AuditActions.EnrolClient, client.Id) { Subject = $"client:{client.Id}", ClientId = client.Id });
        await clients.Save(ct);
        return new EnrolledClient(client.Id, secret);
    }

    /// <summary>Records it for the client that the token was issued for, and for the client that the caller named.</summary>
    private async Task<EnrolledClient?> Reject(string clientId, IssuedEnrolment? issued, CancellationToken ct)
    {
        // An id that no client has is something that a caller wrote.
        var named = Guid.TryParseExact(clientId, "D", out _) ? (await clients.Find(clientId, ct))?.Id : null;
        if (issued is not null)
        {
            var reason = issued.IsUsed ? Reasons.UsedToken : Reasons.OneTimeToken;
            await trail.Record(AuditEntry.Refused(AuditActions.EnrolClient, reason, issued.ClientId) with { ClientId = named });
        }

        if (named != issued?.ClientId || issued is null)
        {
            await trail.Record(AuditEntry.Refused(AuditActions.EnrolClient, Reasons.OneTimeToken, named) with { ClientId = named });
        }

        return null;
    }
}

/// <param name="Secret">Null if the client signs with its keys.</param>
internal sealed record EnrolledClient(string Id, string? Secret);
