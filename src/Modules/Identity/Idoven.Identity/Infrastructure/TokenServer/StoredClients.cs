using System.Text.Json;
using Idoven.Identity.Application;
using Idoven.Shared.Http.Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;

namespace Idoven.Identity.Infrastructure.TokenServer;

internal sealed class StoredClients(IdentityDbContext db, IOpenIddictApplicationManager manager) : IClients
{
    private const int LiveSecrets = 2;
    private const string CreatedAt = "created_at";
    private IDbContextTransaction? transaction;

    // A machine client keeps a secret and is given tokens for itself; others belong to people who sign in.
    private IQueryable<Client> Machines => db.Set<Client>()
        .Where(client => client.ClientType == ClientTypes.Confidential && client.Permissions!.Contains(Permissions.GrantTypes.ClientCredentials));

    public async Task<MachineClient> Add(string id, string name, IReadOnlyList<string> scopes, string secret, DateTimeOffset now, CancellationToken ct)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientSecret = secret,
            ClientType = ClientTypes.Confidential,
            DisplayName = name,
            Permissions = { Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.GrantTypes.ClientCredentials },
            Properties = { [CreatedAt] = JsonSerializer.SerializeToElement(now) },
        };
        transaction ??= await db.Database.BeginTransactionAsync(ct);
        descriptor.Permissions.UnionWith(scopes.Select(scope => Permissions.Prefixes.Scope + scope));
        return Render((Client)await manager.CreateAsync(descriptor, ct));
    }

    public async Task<MachineClient?> Find(string id, CancellationToken ct) =>
        await Machines.AsNoTracking().SingleOrDefaultAsync(client => client.ClientId == id, ct) is { } found ? Render(found) : null;

    public async Task<IReadOnlyList<MachineClient>> List(Guid? after, int limit, CancellationToken ct)
    {
        var query = Machines.AsNoTracking();
        query = after is { } last ? query.Where(client => client.Id > last) : query;
        return [.. (await query.OrderBy(client => client.Id).Take(limit + 1).ToListAsync(ct)).Select(Render)];
    }

    public async Task<MachineClient?> Lock(string id, CancellationToken ct)
    {
        transaction ??= await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select from identity.clients where client_id = {id} for update", ct);
        return await Find(id, ct);
    }

    public async Task<Guid?> Claim(RequestKey key, Guid client, DateTimeOffset now, CancellationToken ct)
    {
        transaction ??= await db.Database.BeginTransactionAsync(ct);
        return await db.Claim(key, client, now, ct);
    }

    public async Task AddSecret(MachineClient client, string secret, CancellationToken ct)
    {
        var row = await db.Set<Client>().SingleAsync(row => row.Id == client.Key, ct);
        row.ClientSecret = string.Join(' ', (row.ClientSecret ?? "").Split(' ').Prepend(Clients.HashOf(secret)).Take(LiveSecrets));
        row.ConcurrencyToken = Guid.NewGuid().ToString();
    }

    public async Task Remove(MachineClient client, CancellationToken ct)
    {
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(grant => grant.Application!.Id == client.Key).ExecuteDeleteAsync(ct);
        await db.Set<Client>().Where(row => row.Id == client.Key).ExecuteDeleteAsync(ct);
    }

    public async Task Save(CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await transaction!.CommitAsync(ct);
        await transaction.DisposeAsync();
        transaction = null;
    }

    private static MachineClient Render(Client client)
    {
        var permissions = JsonSerializer.Deserialize<string[]>(client.Permissions ?? "[]")!;
        var properties = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(client.Properties ?? "{}")!;
        return new MachineClient(
            client.Id,
            client.ClientId!,
            client.DisplayName ?? client.ClientId!,
            [.. permissions.Where(permission => permission.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal))
                .Select(permission => permission[Permissions.Prefixes.Scope.Length..]).Order(StringComparer.Ordinal)],
            properties.TryGetValue(CreatedAt, out var at) ? at.GetDateTimeOffset() : null,
            (client.ClientSecret ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
