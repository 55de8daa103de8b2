using System.Text.Json;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Rights;
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
    IdentityDbContext db, ModuleTransaction<IdentityDbContext> transactions, IOpenIddictApplicationManager manager) : IClients
{
    private const int MaxSecrets = 2;

    private static readonly string[] CodeFlow =
    [
        Permissions.Endpoints.Authorization, Permissions.Endpoints.EndSession,
        Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
    ];

    private static readonly string[] DeviceFlow = [Permissions.Endpoints.DeviceAuthorization, Permissions.GrantTypes.DeviceCode];

    // Without the client of the command line, which exists in Development only.
    private IQueryable<Client> Registered => db.Set<Client>().Where(client =>
        client.Permissions!.Contains(Permissions.GrantTypes.ClientCredentials)
        || client.Permissions!.Contains(Permissions.GrantTypes.AuthorizationCode)
        || client.Permissions!.Contains(Permissions.GrantTypes.DeviceCode));

    public Task<OpenTransaction> Begin(CancellationToken ct) => transactions.Begin(ct);

    public async Task<RegisteredClient> Add(string id, ClientRegistration client, string? secret, DateTimeOffset now, CancellationToken ct)
    {
        // OpenIddict does not create a confidential client without a credential. A client that is enrolling is created with a secret
        // that is neither returned nor stored.
        var isEnrolling = secret is null && client is { IsPublic: false, Keys: null };
        var descriptor = Describe(id, client, isEnrolling ? ClientSecret.Generate() : secret);
        descriptor.Properties[ClientState.CreatedAt] = JsonSerializer.SerializeToElement(now);
        if (isEnrolling)
        {
            descriptor.Properties[ClientState.Enrolling] = JsonSerializer.SerializeToElement(true);
        }

        await transactions.Begin(ct);
        var row = (Client)await manager.CreateAsync(descriptor, ct);

        // Stored as it was sent, and not as the library serialises it.
        row.JsonWebKeySet = client.Keys is { } keys ? ToJson(keys) : null;
        row.ClientSecret = isEnrolling ? null : row.ClientSecret;
        return ToClient(row);
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
        descriptor.Permissions.UnionWith(client.Scopes.Select(ToPermission));
        descriptor.Permissions.UnionWith(
            client.IsMachine ? [Permissions.GrantTypes.ClientCredentials] : client.RedirectUris.Count > 0 ? CodeFlow : []);
        descriptor.Permissions.UnionWith(client.HasDeviceFlow ? DeviceFlow : []);
        descriptor.JsonWebKeySet = client.Keys is { } keys ? JsonWebKeySet.Create(ToJson(keys)) : null;
        if (client.Scopes.Contains(Scopes.OfflineAccess))
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.RefreshToken);
        }

        descriptor.RedirectUris.UnionWith(client.RedirectUris.Select(uri => new Uri(uri)));
        descriptor.PostLogoutRedirectUris.UnionWith(client.PostLogoutRedirectUris.Select(uri => new Uri(uri)));
        return descriptor;
    }

    public async Task<RegisteredClient?> Find(string id, CancellationToken ct) =>
        await Registered.AsNoTracking().SingleOrDefaultAsync(client => client.ClientId == id, ct) is { } found ? ToClient(found) : null;

    public async Task<IReadOnlyList<string>> RegisteredScopes(string id, CancellationToken ct) =>
        await manager.FindByClientIdAsync(id, ct) is { } client
            ? [.. (await manager.GetPermissionsAsync(client, ct)).Where(IsTokenScope).Select(ToScope).Order(StringComparer.Ordinal)]
            : [];

    public async Task<IReadOnlyList<RegisteredClient>> List(Guid? after, int limit, CancellationToken ct)
    {
        var query = Registered.AsNoTracking();
        query = after is { } last ? query.Where(client => client.Id > last) : query;
        return [.. (await query.OrderBy(client => client.Id).Take(limit + 1).ToListAsync(ct)).Select(ToClient)];
    }

    public async Task<RegisteredClient?> Lock(string id, CancellationToken ct)
    {
        await transactions.Begin(ct);
        await db.Database.ExecuteSqlAsync($"select from identity.clients where client_id = {id} for update", ct);
        return await Find(id, ct);
    }

    public async Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct)
    {
        await transactions.Begin(ct);
        return await db.Claim(key, client, now, ct);
    }

    public async Task AddSecret(RegisteredClient client, string secret, CancellationToken ct)
    {
        var row = await ReadForCredential(client, ct);
        var secrets = (row.ClientSecret ?? "").Split(' ').Prepend(ClientManager.ComputeHash(secret));
        row.ClientSecret = string.Join(' ', secrets.Take(MaxSecrets));
    }

    public async Task SetSecret(RegisteredClient client, string secret, CancellationToken ct)
    {
        var row = await ReadForCredential(client, ct);
        (row.ClientSecret, row.JsonWebKeySet) = (ClientManager.ComputeHash(secret), null);
    }

    public async Task SetKeys(RegisteredClient client, ClientKeys? keys, CancellationToken ct)
    {
        var row = await ReadForCredential(client, ct);
        (row.ClientSecret, row.JsonWebKeySet) = (null, keys is null ? null : ToJson(keys));
    }

    public async Task<RegisteredClient> Change(RegisteredClient client, CancellationToken ct)
    {
        var row = await ReadForChange(client, ct);
        row.DisplayName = client.Registration.Name;
        row.Properties = ClientState.Write(row.Properties, client.IsEnabled, client.Generation);
        return ToClient(row);
    }

    public async Task SetScopes(RegisteredClient client, CancellationToken ct)
    {
        var row = await ReadForChange(client, ct);
        var others = JsonSerializer.Deserialize<string[]>(row.Permissions ?? "[]")!.Where(permission => !IsScope(permission));
        row.Permissions = JsonSerializer.Serialize(others.Concat(client.Registration.Scopes.Select(ToPermission)));
    }

    public async Task Remove(RegisteredClient client, CancellationToken ct)
    {
        await transactions.Begin(ct);
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>()
            .Where(grant => grant.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<Client>().Where(row => row.Id == client.Key).ExecuteDeleteAsync(ct);
    }

    public Task Save(CancellationToken ct) => transactions.Commit(ct);

    /// <summary>Reads the row for a change, with a new concurrency token: a concurrent change that read the row before fails.</summary>
    private async Task<Client> ReadForChange(RegisteredClient client, CancellationToken ct)
    {
        var row = await db.Set<Client>().SingleAsync(row => row.Id == client.Key, ct);
        row.ConcurrencyToken = Guid.NewGuid().ToString();
        return row;
    }

    /// <summary>Reads the row of a client that gets a credential, and ends its enrolment.</summary>
    private async Task<Client> ReadForCredential(RegisteredClient client, CancellationToken ct)
    {
        var row = await ReadForChange(client, ct);
        row.Properties = ClientState.WriteEnrolled(row.Properties);
        return row;
    }

    private static bool IsScope(string permission) => permission == Permissions.Endpoints.Introspection || IsTokenScope(permission);

    private static bool IsTokenScope(string permission) => permission.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal);

    private static string ToPermission(string scope) =>
        scope == ScopesOfMachine.Introspection ? Permissions.Endpoints.Introspection : Permissions.Prefixes.Scope + scope;

    private static string ToScope(string permission) =>
        permission == Permissions.Endpoints.Introspection ? ScopesOfMachine.Introspection : permission[Permissions.Prefixes.Scope.Length..];

    private static string ToJson(ClientKeys keys) => JsonSerializer.Serialize(keys, JsonSerializerOptions.Web);

    private static RegisteredClient ToClient(Client client)
    {
        var permissions = JsonSerializer.Deserialize<string[]>(client.Permissions ?? "[]")!;
        var state = ClientState.Read(client.Properties);
        return new RegisteredClient(
            client.Id,
            client.ClientId!,
            new ClientRegistration(
                client.DisplayName ?? client.ClientId!,
                [.. permissions.Where(IsScope).Select(ToScope).Order(StringComparer.Ordinal)],
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
