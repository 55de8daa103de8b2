using Idoven.Shared.Persistence;
using Idoven.Users.Application;

namespace Idoven.Users.Infrastructure;

/// <summary>The demo users, under fixed ids that Identity's half knows too.</summary>
internal sealed class SeedDemoUsers(IUsers users, RegisterUserHandler register) : IDevelopmentSeed
{
    private static readonly (string Id, string Username, string Role)[] Demo =
    [
        ("01900000-0000-7000-8000-000000000001", "user", "user"),
        ("01900000-0000-7000-8000-000000000002", "user2", "user"),
        ("01900000-0000-7000-8000-000000000003", "admin", "admin"),
        ("01900000-0000-7000-8000-000000000004", "superadmin", "superadmin"),
    ];

    public async Task Seed(CancellationToken ct)
    {
        foreach (var (id, username, role) in Demo)
        {
            // Two hosts may start at once: the second finds the name taken, and that is as good.
            if (await users.Find(Guid.Parse(id), ct) is null)
            {
                await register.Handle(new RegisterUser(Guid.Parse(id), username, Email: null, $"Demo {username}", role), ct);
            }
        }
    }
}
