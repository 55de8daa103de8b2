using Idoven.Shared.Tests.Http;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Unit.Tests.Http;

/// <summary>
/// The policy table of all modules, evaluated by the framework for every kind of caller: a right needs both the role and the scope.
/// </summary>
public sealed class AccessRulesTests
{
    private const string NoRole = "";
    private const string Machine = "machine";

    private static readonly AccessRules Access = Program.AllAccess();

    private static readonly string[] AllCallers = [UserRole.User, UserRole.Admin, UserRole.Superadmin, Machine, NoRole, "USER"];
    private static readonly string[] AllScopes = [.. Access.Scopes.Select(scope => scope.Name)];

    /// <summary>
    /// The callers that each row allows with its scope; no other caller is allowed with any scope. One row of a policy is enough.
    /// </summary>
    private static readonly (string Policy, string Audience, string Scope, string[] Callers)[] Rights =
    [
        ("EcgsRead", "idoven.ecgs", "ecgs:read", [UserRole.User, Machine]),
        ("EcgsWrite", "idoven.ecgs", "ecgs:write", [UserRole.User, Machine]),
        ("InsightsRead", "idoven.ecgs", "ecgs:read", [UserRole.User, Machine]),
        ("InsightsRead", "idoven.ecgs", "insights:read:any", [Machine]),
        ("EventsRead", "idoven.ecgs", "events:read", [Machine]),
        ("Self", "idoven.users", "users:read", [UserRole.User, UserRole.Admin, UserRole.Superadmin]),
        ("UsersRead", "idoven.users", "users:read", [UserRole.User, UserRole.Admin, UserRole.Superadmin, Machine]),
        ("UsersList", "idoven.users", "users:read", [UserRole.Admin, UserRole.Superadmin, Machine]),
        ("UsersChange", "idoven.users", "users:write", [UserRole.User, UserRole.Admin, UserRole.Superadmin, Machine]),
        ("UsersManage", "idoven.users", "users:write", [UserRole.Admin, UserRole.Superadmin, Machine]),
        ("UsersAudit", "idoven.users", "users:read", [UserRole.Admin, UserRole.Superadmin]),
        ("ClientsManage", "idoven.identity", "clients:manage", [UserRole.Admin, UserRole.Superadmin]),
        ("ClientsChange", "idoven.identity", "clients:manage", [UserRole.Admin, UserRole.Superadmin]),
        ("ClientsChange", "idoven.identity", "clients:self", [Machine]),
        ("OwnClient", "idoven.identity", "clients:self", [Machine]),
        ("OwnAccount", "idoven.identity", "account", [UserRole.User, UserRole.Admin, UserRole.Superadmin]),
        ("OperateEcgs", "idoven.ecgs", "operations", [UserRole.Superadmin]),
        ("OperateUsers", "idoven.users", "operations", [UserRole.Superadmin]),
        ("OperateIdentity", "idoven.identity", "operations", [UserRole.Superadmin]),
    ];

    private static readonly ServiceProvider Services =
        new ServiceCollection().AddLogging().AddAuthorization(Access.Apply).BuildServiceProvider();

    public static TheoryData<string, string> Cells =>
        [.. from policy in Rights.Select(right => right.Policy).Distinct() from caller in AllCallers select (policy, caller)];

    [Fact]
    public void Table_has_exactly_the_tested_rows() => Assert.Equal(
        Rights.Select(right => (right.Policy, right.Audience, right.Scope)).Order(),
        Access.Rules.Select(rule => (rule.Policy, rule.Audience, rule.Scope)).Order());

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
    public void Scope_has_the_audience_of_its_module(string scope, string audiences) =>
        Assert.Equal(audiences, string.Join(' ', Access.FindAudiences(scope)));

    [Fact]
    public void No_other_scope_is_registered() => Assert.Equal(13, Access.Scopes.Count());

    [Theory, MemberData(nameof(Cells))]
    public async Task Policy_needs_both_the_role_and_the_scope(string policy, string caller)
    {
        var rows = Rights.Where(right => right.Policy == policy).ToList();
        string[] others = [.. AllScopes.Where(other => rows.All(row => row.Scope != other))];

        foreach (var row in rows)
        {
            Assert.Equal(row.Callers.Contains(caller), await Allows(policy, caller, [row.Scope]));
        }

        Assert.Equal(rows.Any(row => row.Callers.Contains(caller)), await Allows(policy, caller, AllScopes));
        Assert.False(await Allows(policy, caller, others));
        Assert.False(await Allows(policy, caller, []));
    }

    [Theory, MemberData(nameof(Cells))]
    public async Task Principal_that_is_not_authenticated_meets_no_policy(string policy, string caller)
    {
        var token = Callers.Token(
            caller == Machine ? "client:gateway" : "someone", caller is Machine or NoRole ? null : caller, AllScopes,
            authenticationType: null);
        Assert.False((await Authorization.AuthorizeAsync(token, policy)).Succeeded);
    }

    [Fact]
    public async Task Machine_client_with_a_role_claim_is_not_treated_as_a_person() =>
        Assert.False((await Authorization.AuthorizeAsync(Callers.Token("client:gateway", UserRole.User, AllScopes), "Self")).Succeeded);

    [Fact]
    public async Task Policy_needs_the_audience_of_its_module()
    {
        foreach (var (policy, audience, scope, caller) in Rights)
        {
            foreach (var role in caller)
            {
                foreach (var other in Access.Audiences)
                {
                    var (subject, claim) = role == Machine ? ("client:gateway", null) : ("someone", role);
                    var token = Callers.Token(subject, claim, [scope], [other]);
                    Assert.Equal(other == audience, (await Authorization.AuthorizeAsync(token, policy)).Succeeded);
                }
            }
        }
    }

    [Fact]
    public void Policy_authenticates_with_the_scheme_of_its_module()
    {
        var options = new AuthorizationOptions();
        Access.Apply(options);
        Assert.All(Rights, right => Assert.Equal([right.Audience], options.GetPolicy(right.Policy)!.AuthenticationSchemes));
    }

    /// <summary>The scope that the error response names gives the right, if any scope does.</summary>
    [Theory, MemberData(nameof(Cells))]
    public async Task Missing_scope_is_one_that_meets_the_policy(string policy, string caller)
    {
        var rows = Rights.Where(right => right.Policy == policy).ToList();

        var missing = Access.FindMissingScope(policy, new CurrentCaller(Caller(caller, [])));

        Assert.Contains(rows, row => row.Scope == missing);
        Assert.Equal(rows.Any(row => row.Callers.Contains(caller)), await Allows(policy, caller, [missing!]));
        Assert.Null(Access.FindMissingScope(policy, new CurrentCaller(Caller(caller, AllScopes))));
    }

    [Fact]
    public void Scope_is_missing_if_the_token_lacks_the_audience()
    {
        var token = Callers.Token("client:gateway", role: null, ["ecgs:read"], [UsersScopes.Audience]);

        Assert.Equal("ecgs:read", Access.FindMissingScope("EcgsRead", new CurrentCaller(token)));
    }

    [Fact]
    public async Task Route_without_a_policy_rejects_every_caller()
    {
        var fallback = await Services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        foreach (var caller in AllCallers)
        {
            Assert.False((await Authorization.AuthorizeAsync(Caller(caller, AllScopes), fallback!)).Succeeded);
        }
    }

    private static IAuthorizationService Authorization => Services.GetRequiredService<IAuthorizationService>();

    private static async Task<bool> Allows(string policy, string caller, string[] scopes) =>
        (await Authorization.AuthorizeAsync(Caller(caller, scopes), policy)).Succeeded;

    private static System.Security.Claims.ClaimsPrincipal Caller(string caller, string[] scopes) => caller switch
    {
        Machine => Callers.Machine(scopes),
        NoRole => Callers.Person(role: null, scopes),
        _ => Callers.Person(caller, scopes),
    };
}
