using Idoven.Ecgs.Contracts;
using Idoven.Identity.Accounts;
using Idoven.Identity.Clients;
using Idoven.Identity.Contracts;
using Idoven.Shared.Data;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Infrastructure;

/// <summary>Creates the accounts of the demo users, with the ids that Users gives these users, and the demo clients.</summary>
internal sealed class SeedDemoAccounts(
    IdentityDbContext db, IPasswordHasher<Account> hasher, IOpenIddictApplicationManager clients, DeleteAccountHandler deleteAccount,
    DeleteClientHandler deleteClient, TimeProvider clock)
    : IDevelopmentSeed
{
    private const string CliId = "idoven-cli";
    private const string GatewayId = "demo-gateway";
    private const string SubscriberId = "demo-subscriber";
    private const string AppId = "demo-app";

    private static readonly IReadOnlyList<string> ClientIds = [CliId, GatewayId, SubscriberId, AppId];

    private static readonly (string Id, string Username, string Role)[] Demo =
    [
        ("01900000-0000-7000-8000-000000000001", "user", UserRole.User),
        ("01900000-0000-7000-8000-000000000002", "user2", UserRole.User),
        ("01900000-0000-7000-8000-000000000003", "admin", UserRole.Admin),
        ("01900000-0000-7000-8000-000000000004", "superadmin", UserRole.Superadmin),
    ];

    private static readonly IReadOnlyList<Guid> AccountIds = [.. Demo.Select(account => Guid.Parse(account.Id))];

    public async Task Seed(CancellationToken ct)
    {
        // Two hosts may start at the same time.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('identity'), hashtext('seed'))", ct);
        await db.Database.AllowIdleTransaction(ct);
        if (await db.ErasedUsers.CountAsync(user => AccountIds.Contains(user.Id), ct) == AccountIds.Count)
        {
            return; // The demo accounts and clients were removed.
        }

        foreach (var (id, username, role) in Demo)
        {
            await SeedAccount(Guid.Parse(id), username, role, ct);
        }

        await SeedCli(ct);
        await SeedClient(Machine(GatewayId, "Demo device gateway", EcgsScopes.Read, EcgsScopes.Write), ct);
        await SeedClient(Machine(SubscriberId, "Demo subscriber", EcgsScopes.ReadEvents), ct);
        await SeedClient(ClientStore.Describe(AppId, App(), secret: null), ct);
        await transaction.CommitAsync(ct);
    }

    /// <remarks>Accounts without a password come from a message of Users, which lists them.</remarks>
    public async Task<IReadOnlyList<string>> List(CancellationToken ct)
    {
        var accounts = await DemoAccounts()
            .Where(account => account.PasswordHash != null)
            .Select(account => account.UserName!)
            .ToListAsync(ct);
        var programs = await DemoClients().Select(client => client.ClientId!).ToListAsync(ct);
        return [.. accounts, .. programs];
    }

    public async Task Remove(CancellationToken ct)
    {
        foreach (var account in await DemoAccounts().AsNoTracking().ToListAsync(ct))
        {
            await deleteAccount.Handle(new UserDeleted(account.Id, account.UserVersion + 1), ct);
        }

        foreach (var id in ClientIds)
        {
            // The client of the command line is not a registered client: it owns nothing.
            if (!await deleteClient.Handle(id, ct) && await clients.FindByClientIdAsync(id, ct) is { } client)
            {
                await clients.DeleteAsync(client, ct);
            }
        }
    }

    private IQueryable<Account> DemoAccounts() => db.Users.Where(account => AccountIds.Contains(account.Id)).OrderBy(account => account.Id);

    private IQueryable<OpenIddictEntityFrameworkCoreApplication<Guid>> DemoClients() =>
        db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>()
            .Where(client => ClientIds.Contains(client.ClientId!))
            .OrderBy(client => client.ClientId);

    private async Task SeedAccount(Guid id, string username, string role, CancellationToken ct)
    {
        var account = await db.Users.SingleOrDefaultAsync(user => user.Id == id, ct);
        if (account?.PasswordHash is not null || await db.ErasedUsers.AnyAsync(user => user.Id == id, ct))
        {
            return;
        }

        if (account is null)
        {
            account = new Account { Id = id, Role = role, IsEnabled = true, SecurityStamp = Guid.NewGuid().ToString("N") };
            db.Add(account);
        }

        account.UserName = username;
        account.NormalizedUserName = LoginIdentifier.Normalize(username);
        account.PasswordHash = hasher.HashPassword(account, $"{username}-demo-password");
        account.ActivatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
    }

    private async Task SeedClient(OpenIddictApplicationDescriptor client, CancellationToken ct)
    {
        if (!await db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>().AnyAsync(known => known.ClientId == client.ClientId, ct))
        {
            await clients.CreateAsync(client, ct);
        }
    }

    /// <summary>Adds new scopes to the client of the command line that an earlier version created: no verb can grant them.</summary>
    private async Task SeedCli(CancellationToken ct)
    {
        var cli = Cli();
        await SeedClient(cli, ct);
        if (await clients.FindByClientIdAsync(CliId, ct) is not { } known)
        {
            return;
        }

        var stored = new OpenIddictApplicationDescriptor();
        await clients.PopulateAsync(stored, known, ct);
        if (!stored.Permissions.IsSupersetOf(cli.Permissions))
        {
            stored.Permissions.UnionWith(cli.Permissions);
            await clients.UpdateAsync(known, stored, ct);
        }
    }

    private static OpenIddictApplicationDescriptor Cli() => new()
    {
        ClientId = CliId,
        ClientType = ClientTypes.Public,
        DisplayName = "Idoven command line",
        Permissions =
        {
            Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.GrantTypes.Password,
            Permissions.GrantTypes.RefreshToken,
            Scope(EcgsScopes.Read), Scope(EcgsScopes.Write), Scope(UsersScopes.Read), Scope(UsersScopes.Write),
            Scope(IdentityScopes.ManageClients),
            Scope(AccessRules.OperationsScope), Scope(IdentityScopes.Account), Permissions.Scopes.Profile,
        },
    };

    private static OpenIddictApplicationDescriptor Machine(string id, string name, params string[] scopes)
    {
        var client = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientSecret = $"{id}-secret",
            ClientType = ClientTypes.Confidential,
            DisplayName = name,
            Permissions = { Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.GrantTypes.ClientCredentials },
        };
        client.Permissions.UnionWith(scopes.Select(Scope));
        return client;
    }

    private static ClientRegistration App() => new(
        "Demo application",
        [
            IdentityScopes.OpenId, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.OfflineAccess, IdentityScopes.Account,
            EcgsScopes.Read, EcgsScopes.Write, UsersScopes.Read,
        ],
        ["http://127.0.0.1:7890/callback"],
        ["http://127.0.0.1:7890/"],
        IsPublic: true);

    private static string Scope(string name) => Permissions.Prefixes.Scope + name;
}
