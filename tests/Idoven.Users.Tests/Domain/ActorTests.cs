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
    public void Each_role_manages_those_below_it(string? role, string managed) =>
        Assert.Equal(managed, string.Join(' ', UserRole.All.Where(new Actor(Guid.NewGuid(), role).MayManage)));

    [Theory, InlineData("user"), InlineData("admin"), InlineData("superadmin")]
    public void Everybody_sees_itself_and_a_user_nobody_else(string role)
    {
        var user = User.Register(Guid.CreateVersion7(), "ada", email: null, displayName: null, role, activation: null, DateTimeOffset.UnixEpoch);

        Assert.True(new Actor(user.Id, role).Sees(user));
        Assert.False(new Actor(Guid.CreateVersion7(), "user").Sees(user));
        Assert.Equal(role == "user", new Actor(Id: null, Role: null).Sees(user));
    }
}
