using Idoven.Shared.Data;
using Idoven.Shared.Messaging;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Infrastructure;

/// <summary>Registers the demo users with fixed ids, which Identity's seed uses to set their passwords.</summary>
internal sealed class SeedDemoUsers(
    IUsers users, IUsersOutbox outbox, DeleteUserHandler deleteUser, TimeProvider clock) : IDevelopmentSeed
{
    private static readonly (string Id, string Username, string Role)[] Demo =
    [
        ("01900000-0000-7000-8000-000000000001", "user", UserRole.User),
        ("01900000-0000-7000-8000-000000000002", "user2", UserRole.User),
        ("01900000-0000-7000-8000-000000000003", "admin", UserRole.Admin),
        ("01900000-0000-7000-8000-000000000004", "superadmin", UserRole.Superadmin),
    ];

    public async Task Seed(CancellationToken ct)
    {
        foreach (var (id, username, role) in Demo)
        {
            if (await users.Find(Guid.Parse(id), ct) is null && await users.FindErasure(Guid.Parse(id), ct) is null)
            {
                await Register(Guid.Parse(id), username, role, ct);
            }
        }
    }

    public async Task<IReadOnlyList<string>> List(CancellationToken ct)
    {
        var names = new List<string>();
        foreach (var (id, _, _) in Demo)
        {
            names.AddRange(await users.Find(Guid.Parse(id), ct) is { } user ? [user.Username] : []);
        }

        return names;
    }

    public async Task Remove(CancellationToken ct)
    {
        foreach (var (id, _, _) in Demo)
        {
            await deleteUser.DeleteOnHost(Guid.Parse(id), ct);
        }
    }

    private async Task Register(Guid id, string username, string role, CancellationToken ct)
    {
        var user = User.Register(id, username, email: null, $"Demo {username}", role, activation: null, clock.GetUtcNow());
        users.Add(user);
        outbox.Add(
            new UserRegistered(
                user.Id, user.Version, user.Username, user.Email, user.Role, ActivationTokenHash: null, ActivationExpiresAt: null),
            user.Id);
        try
        {
            await users.Save(ct);
        }
        catch (UserRejectedException)
        {
            // Two hosts may start at the same time. The username is taken then, because the other host has registered the user.
        }
    }
}
