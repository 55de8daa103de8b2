using Idoven.Shared.Web.Authorization;

namespace Idoven.Shared.Tests.Http;

public sealed class CurrentCallerTests
{
    [Fact]
    public void Scopes_are_read_from_one_claim_and_from_several_claims()
    {
        foreach (var scopes in new string[][] { ["ecgs:read ecgs:write"], ["ecgs:read", "ecgs:write"] })
        {
            Assert.Equal(["ecgs:read", "ecgs:write"], new CurrentCaller(Callers.Person("user", scopes)).Scopes.Order());
        }
    }

    [Fact]
    public void Token_without_claims_has_no_subject_and_no_scopes()
    {
        var caller = new CurrentCaller(new());
        Assert.Equal(("", null, null, false), (caller.Subject, caller.Role, caller.ClientId, caller.IsMachine));
        Assert.Empty(caller.Scopes);
    }
}
