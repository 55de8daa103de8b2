using System.Collections.Immutable;
using System.Text.Json;
using Idoven.Identity.Common;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;
using Grant = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<System.Guid>;

namespace Idoven.Identity.Consents;

/// <summary>
/// Stores consents as permanent authorizations of OpenIddict. No token belongs to them: each sign-in has an authorization of its own, so
/// that a code or a refresh token that is used twice ends that sign-in, and not those on the user's other devices. Each token names its
/// consent.
/// </summary>
internal sealed class ConsentStore(
    IdentityDbContext db, IOpenIddictAuthorizationManager authorizations, IOpenIddictApplicationManager clients,
    IIdentityAuditLog auditLog, TimeProvider clock) : IConsents
{
    public async Task<Guid?> Find(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var found = authorizations.FindAsync(
            accountId.ToString(), (await FindClient(clientId, ct))?.Id.ToString(), Statuses.Valid, AuthorizationTypes.Permanent,
            scopes.ToImmutableArray(), ct);
        return ((Grant?)await found.FirstOrDefaultAsync(ct))?.Id;
    }

    public async Task<Guid> Grant(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Find(accountId, clientId, scopes, ct) is { } known)
        {
            await auditLog.Record(CreateEntry(new AuditEntry(AuditActions.Consent, Reason: "again"), accountId, clientId));
            return known;
        }

        auditLog.Add(CreateEntry(new AuditEntry(AuditActions.Consent), accountId, clientId));
        var consent = await Add(accountId, clientId, scopes, ct);
        await db.SaveChangesAsync(ct);
        return consent;
    }

    public async Task<Guid> Record(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct) =>
        await Find(accountId, clientId, scopes, ct) ?? await Add(accountId, clientId, scopes, ct);

    public Task Deny(Guid accountId, string clientId) =>
        auditLog.Record(CreateEntry(AuditEntry.Refused(AuditActions.Consent, Reasons.Denied), accountId, clientId));

    public Task<bool> IsGranted(Guid consentId, CancellationToken ct) =>
        db.Set<Grant>().AnyAsync(consent => consent.Id == consentId, ct);

    public async Task<IReadOnlyList<AllowedClient>> List(Guid accountId, CancellationToken ct)
    {
        var subject = accountId.ToString();
        var consents = await db.Set<Grant>()
            .Where(grant => grant.Subject == subject && grant.Type == AuthorizationTypes.Permanent && grant.Status == Statuses.Valid)
            .Select(grant => new { grant.Application!.ClientId, Name = grant.Application.DisplayName, grant.Scopes, grant.CreationDate })
            .ToListAsync(ct);
        var lastUsed = await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>()
            .Where(token => token.Subject == subject)
            .GroupBy(token => token.Application!.ClientId!)
            .Select(tokens => new { ClientId = tokens.Key, At = tokens.Max(token => token.CreationDate) })
            .ToDictionaryAsync(last => last.ClientId, last => last.At, ct);
        return
        [
            .. from consent in consents
               group consent by (Id: consent.ClientId!, Name: consent.Name ?? consent.ClientId!) into client
               orderby client.Key.Name, client.Key.Id
               select new AllowedClient(
                   client.Key.Id,
                   client.Key.Name,
                   [
                       .. client.SelectMany(consent => JsonSerializer.Deserialize<string[]>(consent.Scopes ?? "[]")!)
                           .Distinct().Order(StringComparer.Ordinal),
                   ],
                   client.Min(consent => consent.CreationDate!.Value),
                   lastUsed.GetValueOrDefault(client.Key.Id)),
        ];
    }

    public async Task<IReadOnlyList<Guid>> Withdraw(Guid accountId, string clientId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var subject = accountId.ToString();
        var grants = db.Set<Grant>().Where(grant => grant.Subject == subject && grant.Application!.ClientId == clientId);
        var consents = await grants.Where(grant => grant.Type == AuthorizationTypes.Permanent).Select(grant => grant.Id).ToListAsync(ct);
        if (consents.Count > 0)
        {
            await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>()
                .Where(token => token.Subject == subject && token.Application!.ClientId == clientId).ExecuteDeleteAsync(ct);
            await grants.ExecuteDeleteAsync(ct);
        }

        return consents;
    }

    private static AuditEntry CreateEntry(AuditEntry entry, Guid accountId, string clientId) =>
        entry with { Subject = $"{accountId}", ClientId = clientId, Target = clientId };

    private async Task<Guid> Add(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var consent = new Grant
        {
            Id = Guid.CreateVersion7(now),
            Application = await FindClient(clientId, ct),
            CreationDate = now.UtcDateTime,
            Scopes = JsonSerializer.Serialize(scopes),
            Status = Statuses.Valid,
            Subject = accountId.ToString(),
            Type = AuthorizationTypes.Permanent,
        };
        db.Add(consent);
        return consent.Id;
    }

    private async Task<Client?> FindClient(string clientId, CancellationToken ct) =>
        (Client?)await clients.FindByClientIdAsync(clientId, ct);
}
