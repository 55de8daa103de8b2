using Idoven.Shared.Web.Authorization;

namespace Idoven.Shared.Tests.Http;

public sealed class AccessRulesTests
{
    [Fact]
    public void Policy_with_a_scope_that_its_module_has_not_registered_throws()
    {
        var access = new AccessRules();
        access.AddAudience("first").Scope("things:read", ScopeHolders.All, "Read things.");

        var e = Assert.Throws<InvalidOperationException>(
            () => access.AddAudience("second").Policy("ReadThings", "things:read", ["user"], machines: false));

        Assert.Contains("things:read", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scope_of_operations_has_the_audience_of_every_module_that_registers_it()
    {
        var access = new AccessRules();
        access.AddAudience("first").Operations("OperateFirst", "operator");
        access.AddAudience("second").Operations("OperateSecond", "operator");
        access.AddAudience("third");

        Assert.Equal(["first", "second"], access.FindAudiences(AccessRules.OperationsScope));
        Assert.Equal(AccessRules.OperationsScope, Assert.Single(access.Scopes).Name);
        Assert.Equal(["first", "second", "third"], access.Audiences);
    }

    [Fact]
    public void Unknown_scope_has_no_audience() => Assert.Empty(new AccessRules().FindAudiences("things:read"));
}
