using Idoven.Identity.TokenServer.Endpoints;

namespace Idoven.Identity.Tests.TokenServer.Endpoints;

public sealed class ScopesOfRoleTests
{
    private static readonly string[] All =
    [
        "ecgs:read", "ecgs:write", "users:read", "users:write", "clients:manage", "clients:self", "operations",
        "events:read", "insights:read:any", "openid", "account", "profile", "offline_access",
    ];

    [Theory]
    [InlineData("user", "ecgs:read ecgs:write users:read users:write openid account profile offline_access")]
    [InlineData("admin", "users:read users:write clients:manage openid account profile offline_access")]
    [InlineData("superadmin", "users:read users:write clients:manage operations openid account profile offline_access")]
    [InlineData("", null)]
    [InlineData("User", null)]
    [InlineData("machine", null)]
    public void A_role_is_granted_its_scopes_and_no_others(string role, string? granted)
    {
        var expected = granted?.Split(' ') ?? [];
        Assert.Equal(expected.Order(), All.Where(scope => ScopesOfRole.Allow(role, [scope])).Order());
        Assert.Equal(expected.Length > 0, ScopesOfRole.Allow(role, [.. expected.DefaultIfEmpty("openid")]));
        Assert.False(ScopesOfRole.Allow(role, [.. expected, "ecgs:all"]));
        Assert.Equal(expected.Order(), ScopesOfRole.Restrict(role, [.. All, "ecgs:all"]).Order());
    }

    [Fact]
    public void All_scopes_are_rejected_if_one_of_them_is_not_of_the_role() =>
        Assert.False(ScopesOfRole.Allow("admin", ["users:read", "ecgs:read"]));
}
