using System.Reflection;
using Idoven.Shared.Web.Authorization;

namespace Idoven.Shared.Tests.Http;

public sealed class ScopesTests
{
    /// <summary>Every scope of the service, however it was added.</summary>
    public static IEnumerable<string> All => typeof(Scopes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!);

    [Theory]
    [InlineData("ecgs:read", "idoven.ecgs")]
    [InlineData("ecgs:write", "idoven.ecgs")]
    [InlineData("events:read", "idoven.ecgs")]
    [InlineData("insights:read:any", "idoven.ecgs")]
    [InlineData("users:read", "idoven.users")]
    [InlineData("users:write", "idoven.users")]
    [InlineData("clients:manage", "idoven.identity")]
    [InlineData("clients:self", "idoven.identity")]
    [InlineData("openid", "idoven.identity")]
    [InlineData("account", "idoven.identity")]
    [InlineData("profile", "idoven.identity")]
    [InlineData("offline_access", "idoven.identity")]
    [InlineData("operations", "idoven.ecgs idoven.users idoven.identity")]
    [InlineData("ECGS:READ", "")]
    [InlineData("", "")]
    public void A_scope_opens_the_module_it_speaks_of(string scope, string audiences) => Assert.Equal(audiences, string.Join(' ', Audiences.ForScope(scope)));

    [Fact]
    public void No_scope_is_without_an_audience() => Assert.All(All, scope => Assert.NotEmpty(Audiences.ForScope(scope)));

    [Fact]
    public void Both_forms_of_scopes_in_a_token_are_read()
    {
        foreach (var scopes in new string[][] { ["ecgs:read ecgs:write"], ["ecgs:read", "ecgs:write"] })
        {
            Assert.Equal(["ecgs:read", "ecgs:write"], new CurrentCaller(Callers.Person(Roles.User, scopes)).Scopes.Order());
        }
    }

    [Fact]
    public void A_token_without_claims_speaks_for_nobody()
    {
        var caller = new CurrentCaller(new());
        Assert.Equal(("", null, null, false), (caller.Subject, caller.Role, caller.ClientId, caller.IsMachine));
        Assert.Empty(caller.Scopes);
    }
}
