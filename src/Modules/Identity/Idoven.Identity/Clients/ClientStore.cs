using System.Text.Json;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.TokenServer.Clients;
using Idoven.Shared.Data;
using Idoven.Shared.Web.Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;

namespace Idoven.Identity.Clients;

internal sealed class ClientStore(
    IdentityDbContext db, ModuleTransaction<IdentityDbContext> transaction, IOpenIddictApplicationManager manager) : IClients
{
    private const int LiveSecrets = 2;

    private static readonly string[] ToSignPeopleIn =
        [Permissions.Endpoints.Authorization, Permissions.Endpoints.EndSession, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code];

    private static readonly string[] ToSignPeopleInElsewhere = [Permissions.Endpoints.DeviceAuthorization, Permissions.GrantTypes.DeviceCode];

    // The command line's client, which exists in Development only, is of neither kind.
    private IQueryable<Client> Registered => db.Set<Client>().Where(client =>
        client.Permissions!.Contains(Permissions.GrantTypes.ClientCredentials)
        || client.Permissions!.Contains(Permissions.GrantTypes.AuthorizationCode)
        || client.Permissions!.Contains(Permissions.GrantTypes.DeviceCode));

    public async Task<RegisteredClient> Add(string id, ClientRegistration client, string? secret, DateTimeOffset now, CancellationToken ct)
    {
        // The token server makes no confidential client without a credential: the secret of one that is enrolling is shown to nobody, and
        // not stored.
        var isEnrolling = secret is null && client is { IsPublic: false, Keys: null };
        var descriptor = Describe(id, client, isEnrolling ? ClientSecret.Generate() : secret);
        descriptor.Properties[ClientState.CreatedAt] = JsonSerializer.SerializeToElement(now);
        if (isEnrolling)
        {
            descriptor.Properties[ClientState.Enrolling] = JsonSerializer.SerializeToElement(true);
        }

        await transaction.Begin(ct);
        var row = (Client)await manager.CreateAsync(descriptor, ct);

        // As it was given, and not as the library writes it.
        row.JsonWebKeySet = client.Keys is { } keys ? Json(keys) : null;
        row.ClientSecret = isEnrolling ? null : row.ClientSecret;
        return Render(row);
    }

    public static OpenIddictApplicationDescriptor Describe(string id, ClientRegistration client, string? secret)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientSecret = secret,
            ClientType = client.IsPublic ? ClientTypes.Public : ClientTypes.Confidential,
            DisplayName = client.Name,
            Permissions = { Permissions.Endpoints.Token, Permissions.Endpoints.Revocation },
        };
        descriptor.Permissions.UnionWith(client.Scopes.Select(PermissionOf));
        descriptor.Permissions.UnionWith(client.IsMachine ? [Permissions.GrantTypes.ClientCredentials] : client.RedirectUris.Count > 0 ? ToSignPeopleIn : []);
        descriptor.Permissions.UnionWith(client.HasDeviceFlow ? ToSignPeopleInElsewhere : []);
        descriptor.JsonWebKeySet = client.Keys is { } keys ? JsonWebKeySet.Create(Json(keys)) : null;
        if (client.Scopes.Contains(Scopes.OfflineAccess))
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.RefreshToken);
        }

        descriptor.RedirectUris.UnionWith(client.RedirectUris.Select(uri => new Uri(uri)));
        descriptor.PostLogoutRedirectUris.UnionWith(client.PostLogoutRedirectUris.Select(uri => new Uri(uri)));
        return descriptor;
    }

    public async Task<RegisteredClient?> Find(string id, CancellationToken ct) =>
        await Registered.AsNoTracking().SingleOrDefaultAsync(client => client.ClientId == id, ct) is { } found ? Render(found) : null;

    public async Task<IReadOnlyList<string>> RegisteredScopes(string id, CancellationToken ct) =>
        await manager.FindByClientIdAsync(id, ct) is { } client
            ? [.. (await manager.GetPermissionsAsync(client, ct)).Where(IsTokenScope).Select(ScopeOf).Order(StringComparer.Ordinal)]
            : [];

    public async Task<IReadOnlyList<RegisteredClient>> List(Guid? after, int limit, CancellationToken ct)
    {
        var query = Registered.AsNoTracking();
        query = after is { } last ? query.Where(client => client.Id > last) : query;
        return [.. (await query.OrderBy(client => client.Id).Take(limit + 1).ToListAsync(ct)).Select(Render)];
    }

    public async Task<RegisteredClient?> Lock(string id, CancellationToken ct)
    {
        await transaction.Begin(ct);
        await db.Database.ExecuteSqlAsync($"select from identity.clients where client_id = {id} for update", ct);
        return await Find(id, ct);
    }

    public async Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct)
    {
        await transaction.Begin(ct);
        return await db.Claim(key, client, now, ct);
    }

    public async Task AddSecret(RegisteredClient client, string secret, CancellationToken ct)
    {
        var row = await RowWithCredential(client, ct);
        row.ClientSecret = string.Join(' ', (row.ClientSecret ?? "").Split(' ').Prepend(ClientManager.HashOf(secret)).Take(LiveSecrets));
    }

    public async Task SetSecret(RegisteredClient client, string secret, CancellationToken ct)
    {
        var row = await RowWithCredential(client, ct);
        (row.ClientSecret, row.JsonWebKeySet) = (ClientManager.HashOf(secret), null);
    }

    public async Task SetKeys(RegisteredClient client, ClientKeys? keys, CancellationToken ct)
    {
        var row = await RowWithCredential(client, ct);
        (row.ClientSecret, row.JsonWebKeySet) = (null, keys is null ? null : Json(keys));
    }

    public async Task<RegisteredClient> Change(RegisteredClient client, CancellationToken ct)
    {
        var row = await Row(client, ct);
        row.DisplayName = client.Registration.Name;
        row.Properties = ClientState.Write(row.Properties, client.IsEnabled, client.Generation);
        return Render(row);
    }

    public async Task SetScopes(RegisteredClient client, CancellationToken ct)
    {
        var row = await Row(client, ct);
        var others = JsonSerializer.Deserialize<string[]>(row.Permissions ?? "[]")!.Where(permission => !IsScope(permission));
        row.Permissions = JsonSerializer.Serialize(others.Concat(client.Registration.Scopes.Select(PermissionOf)));
    }

    public async Task Remove(RegisteredClient client, CancellationToken ct)
    {
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(grant => grant.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<Client>().Where(row => row.Id == client.Key).ExecuteDeleteAsync(ct);
    }

    public Task Save(CancellationToken ct) => transaction.Commit(ct);

    /// <summary>To be changed: whoever has read it before would fail to.</summary>
    private async Task<Client> Row(RegisteredClient client, CancellationToken ct)
    {
        var row = await db.Set<Client>().SingleAsync(row => row.Id == client.Key, ct);
        row.ConcurrencyToken = Guid.NewGuid().ToString();
        return row;
    }

    /// <summary>The same, of a client that gets a credential: its enrolment has ended.</summary>
    private async Task<Client> RowWithCredential(RegisteredClient client, CancellationToken ct)
    {
        var row = await Row(client, ct);
        row.Properties = ClientState.WriteEnrolled(row.Properties);
        return row;
    }

    private static bool IsScope(string permission) => permission == Permissions.Endpoints.Introspection || IsTokenScope(permission);

    private static bool IsTokenScope(string permission) => permission.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal);

    private static string PermissionOf(string scope) =>
        scope == ScopesOfMachine.Introspection ? Permissions.Endpoints.Introspection : Permissions.Prefixes.Scope + scope;

    private static string ScopeOf(string permission) =>
        permission == Permissions.Endpoints.Introspection ? ScopesOfMachine.Introspection : permission[Permissions.Prefixes.Scope.Length..];

    private static string Json(ClientKeys keys) => JsonSerializer.Serialize(keys, JsonSerializerOptions.Web);

    private static RegisteredClient Render(Client client)
    {
        var permissions = JsonSerializer.Deserialize<string[]>(client.Permissions ?? "[]")!;
        var state = ClientState.Read(client.Properties);
        return new RegisteredClient(
            client.Id,
            client.ClientId!,
            new ClientRegistration(
                client.DisplayName ?? client.ClientId!,
                [.. permissions.Where(IsScope).Select(ScopeOf).Order(StringComparer.Ordinal)],
                JsonSerializer.Deserialize<string[]>(client.RedirectUris ?? "[]")!,
                JsonSerializer.Deserialize<string[]>(client.PostLogoutRedirectUris ?? "[]")!,
                client.ClientType == ClientTypes.Public,
                permissions.Contains(Permissions.GrantTypes.DeviceCode),
                client.JsonWebKeySet is { } keys ? JsonSerializer.Deserialize<ClientKeys>(keys, JsonSerializerOptions.Web) : null),
            state.MadeAt,
            (client.ClientSecret ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length,
            state.IsEnabled,
            state.IsEnrolling,
            state.Generation,
            client.ConcurrencyToken ?? "");
    }
}
