using System.Collections.Immutable;
using Idoven.Identity.Application;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Infrastructure.TokenServer;

/// <summary>
/// A consent is a permanent authorization of OpenIddict's. No token belongs to it: each sign-in has an authorization of its own, so that a
/// code or a refresh token that is used twice ends what came of it, and not what the person does on other devices.
/// </summary>
internal sealed class StoredConsents(
    IOpenIddictAuthorizationManager authorizations, IOpenIddictApplicationManager clients,
    [FromKeyedServices(IdentityModule.Name)] IAuditTrail trail, TimeProvider clock) : IConsents
{
    public async Task<bool> Cover(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var found = authorizations.FindAsync(
            accountId.ToString(), await Key(clientId, ct), Statuses.Valid, AuthorizationTypes.Permanent, scopes.ToImmutableArray(), ct);
        return await found.AnyAsync(ct);
    }

    public async Task Give(Guid accountId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await Cover(accountId, clientId, scopes, ct))
        {
            await trail.Record(Entry(new AuditEntry(Acts.Consent, Reason: "again"), accountId, clientId));
            return;
        }

        var consent = new OpenIddictAuthorizationDescriptor
        {
            ApplicationId = await Key(clientId, ct),
            CreationDate = clock.GetUtcNow(),
            Status = Statuses.Valid,
            Subject = accountId.ToString(),
            Type = AuthorizationTypes.Permanent,
        };
        consent.Scopes.UnionWith(scopes);
        trail.Add(Entry(new AuditEntry(Acts.Consent), accountId, clientId));
        await authorizations.CreateAsync(consent, ct);
    }

    public Task Deny(Guid accountId, string clientId) => trail.Record(Entry(AuditEntry.Refused(Acts.Consent, Reasons.Denied), accountId, clientId));

    private static AuditEntry Entry(AuditEntry entry, Guid accountId, string clientId) => entry with { Subject = $"{accountId}", ClientId = clientId, Target = clientId };

    private async Task<string?> Key(string clientId, CancellationToken ct) =>
        await clients.FindByClientIdAsync(clientId, ct) is { } client ? await clients.GetIdAsync(client, ct) : null;
}
