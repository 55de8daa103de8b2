using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Tests.Http;

/// <summary>Rights are role AND scope: every policy for everybody, through the framework's own evaluation.</summary>
public sealed class PoliciesTests
{
    private const string Nobody = "";
    private const string Machine = "machine";

    private static readonly string[] Everybody = [Roles.User, Roles.Admin, Roles.Superadmin, Machine, Nobody, "USER"];
    private static readonly string[] AllScopes = [.. ScopesTests.All];

    /// <summary>Who may with the right scope; nobody else may with any. Of two rows of a policy either will do.</summary>
    private static readonly (string Policy, string Audience, string Scope, string[] Who)[] Rights =
    [
        (Policies.EcgsRead, "idoven.ecgs", "ecgs:read", [Roles.User, Machine]),
        (Policies.EcgsWrite, "idoven.ecgs", "ecgs:write", [Roles.User, Machine]),
        (Policies.InsightsRead, "idoven.ecgs", "ecgs:read", [Roles.User, Machine]),
        (Policies.InsightsRead, "idoven.ecgs", "insights:read:any", [Machine]),
        (Policies.EventsRead, "idoven.ecgs", "events:read", [Machine]),
        (Policies.Self, "idoven.users", "users:read", [Roles.User, Roles.Admin, Roles.Superadmin]),
        (Policies.UsersRead, "idoven.users", "users:read", [Roles.User, Roles.Admin, Roles.Superadmin, Machine]),
        (Policies.UsersList, "idoven.users", "users:read", [Roles.Admin, Roles.Superadmin, Machine]),
        (Policies.UsersChange, "idoven.users", "users:write", [Roles.User, Roles.Admin, Roles.Superadmin, Machine]),
        (Policies.UsersManage, "idoven.users", "users:write", [Roles.Admin, Roles.Superadmin, Machine]),
        (Policies.UsersAudit, "idoven.users", "users:read", [Roles.Admin, Roles.Superadmin]),
        (Policies.ClientsManage, "idoven.identity", "clients:manage", [Roles.Admin, Roles.Superadmin]),
        (Policies.ClientsChange, "idoven.identity", "clients:manage", [Roles.Admin, Roles.Superadmin]),
        (Policies.ClientsChange, "idoven.identity", "clients:self", [Machine]),
        (Policies.OwnClient, "idoven.identity", "clients:self", [Machine]),
        (Policies.OwnAccount, "idoven.identity", "account", [Roles.User, Roles.Admin, Roles.Superadmin]),
        (Policies.OperateEcgs, "idoven.ecgs", "operations", [Roles.Superadmin]),
        (Policies.OperateUsers, "idoven.users", "operations", [Roles.Superadmin]),
        (Policies.OperateIdentity, "idoven.identity", "operations", [Roles.Superadmin]),
    ];

    private static readonly ServiceProvider Services = new ServiceCollection().AddLogging().AddAuthorization(Policies.Apply).BuildServiceProvider();

    public static TheoryData<string, string> Cells => [.. from policy in Rights.Select(right => right.Policy).Distinct() from who in Everybody select (policy, who)];

    [Fact]
    public void Every_row_of_the_table_is_tried() => Assert.Equal(Rights.Select(right => (right.Policy, right.Scope)), Policies.Table.Select(rule => (rule.Policy, rule.Scope)));

    [Theory, MemberData(nameof(Cells))]
    public async Task A_right_needs_the_role_and_the_scope(string policy, string who)
    {
        var rows = Rights.Where(right => right.Policy == policy).ToList();
        string[] others = [.. AllScopes.Where(other => rows.All(row => row.Scope != other))];

        foreach (var row in rows)
        {
            Assert.Equal(row.Who.Contains(who), await Allows(policy, who, [row.Scope]));
        }

        Assert.Equal(rows.Any(row => row.Who.Contains(who)), await Allows(policy, who, AllScopes));
        Assert.False(await Allows(policy, who, others));
        Assert.False(await Allows(policy, who, []));
    }

    [Theory, MemberData(nameof(Cells))]
    public async Task A_token_that_was_not_checked_gives_no_right(string policy, string who)
    {
        var token = Callers.Token(who == Machine ? "client:gateway" : "someone", who is Machine or Nobody ? null : who, AllScopes, authenticationType: null);
        Assert.False((await Authorization.AuthorizeAsync(token, policy)).Succeeded);
    }

    [Fact]
    public async Task A_machine_that_claims_a_role_stays_a_machine() =>
        Assert.False((await Authorization.AuthorizeAsync(Callers.Token("client:gateway", Roles.User, AllScopes), Policies.Self)).Succeeded);

    [Fact]
    public async Task A_right_needs_the_audience_of_its_module()
    {
        foreach (var (policy, audience, scope, who) in Rights)
        {
            foreach (var role in who)
            {
                foreach (var other in Audiences.All)
                {
                    var (subject, claim) = role == Machine ? ("client:gateway", null) : ("someone", role);
                    var token = Callers.Token(subject, claim, [scope], [other]);
                    Assert.Equal(other == audience, (await Authorization.AuthorizeAsync(token, policy)).Succeeded);
                }
            }
        }
    }

    [Fact]
    public void Each_policy_asks_the_revocations_of_its_own_module()
    {
        var options = new AuthorizationOptions();
        Policies.Apply(options);
        Assert.All(Rights, right => Assert.Equal([right.Audience], options.GetPolicy(right.Policy)!.AuthenticationSchemes));
    }

    /// <summary>The scope that a client is told to ask for gives the right, if any scope does.</summary>
    [Theory, MemberData(nameof(Cells))]
    public async Task A_caller_without_the_scope_is_told_one_that_gives_the_right(string policy, string who)
    {
        var rows = Rights.Where(right => right.Policy == policy).ToList();

        var missing = Policies.MissingScope(policy, new CurrentCaller(Caller(who, [])));

        Assert.Contains(rows, row => row.Scope == missing);
        Assert.Equal(rows.Any(row => row.Who.Contains(who)), await Allows(policy, who, [missing!]));
        Assert.Null(Policies.MissingScope(policy, new CurrentCaller(Caller(who, AllScopes))));
    }

    [Fact]
    public void A_scope_for_another_module_is_missing()
    {
        var token = Callers.Token("client:gateway", role: null, ["ecgs:read"], [Audiences.Users]);

        Assert.Equal("ecgs:read", Policies.MissingScope(Policies.EcgsRead, new CurrentCaller(token)));
    }

    [Fact]
    public async Task A_route_without_a_policy_is_refused_to_everybody()
    {
        var fallback = await Services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        foreach (var who in Everybody)
        {
            Assert.False((await Authorization.AuthorizeAsync(Caller(who, AllScopes), fallback!)).Succeeded);
        }
    }

    private static IAuthorizationService Authorization => Services.GetRequiredService<IAuthorizationService>();

    private static async Task<bool> Allows(string policy, string who, string[] scopes) => (await Authorization.AuthorizeAsync(Caller(who, scopes), policy)).Succeeded;

    private static System.Security.Claims.ClaimsPrincipal Caller(string who, string[] scopes) => who switch
    {
        Machine => Callers.Machine(scopes),
        Nobody => Callers.Person(role: null, scopes),
        _ => Callers.Person(who, scopes),
    };
}
