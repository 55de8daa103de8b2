using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Tests.Domain;

public sealed class ActorTests
{
    [Theory]
    [InlineData("user", "")]
    [InlineData("admin", "user")]
    [InlineData(null, "user")]
    [InlineData("superadmin", "user admin superadmin")]
    [InlineData("Superadmin", "")]
    public void Role_manages_the_roles_below_it(string? role, string managed) =>
        Assert.Equal(managed, string.Join(' ', UserRole.All.Where(new Actor(Guid.NewGuid(), role).MayManage)));

    [Theory, InlineData("user"), InlineData("admin"), InlineData("superadmin")]
    public void Actor_sees_itself_and_the_users_that_it_manages(string role)
    {
        var id = Guid.CreateVersion7();
        var user = User.Register(id, "ada", email: null, displayName: null, role, activation: null, DateTimeOffset.UnixEpoch);

        Assert.True(new Actor(user.Id, role).MaySee(user));
        Assert.False(new Actor(Guid.CreateVersion7(), "user").MaySee(user));
        Assert.Equal(role == "user", new Actor(Id: null, Role: null).MaySee(user));
    }
}
