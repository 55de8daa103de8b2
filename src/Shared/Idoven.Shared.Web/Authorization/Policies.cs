using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Shared.Web.Authorization;

/// <summary>Who may, in one table: rights are role AND scope; of two rows of a policy either will do. A route without a row here is refused.</summary>
public static class Policies
{
    public const string EcgsRead = nameof(EcgsRead);
    public const string EcgsWrite = nameof(EcgsWrite);
    public const string InsightsRead = nameof(InsightsRead);
    public const string EventsRead = nameof(EventsRead);
    public const string Self = nameof(Self);
    public const string UsersRead = nameof(UsersRead);
    public const string UsersList = nameof(UsersList);
    public const string UsersChange = nameof(UsersChange);
    public const string UsersManage = nameof(UsersManage);
    public const string UsersAudit = nameof(UsersAudit);
    public const string ClientsManage = nameof(ClientsManage);
    public const string ClientsChange = nameof(ClientsChange);
    public const string OwnClient = nameof(OwnClient);
    public const string OwnAccount = nameof(OwnAccount);
    public const string OperateEcgs = nameof(OperateEcgs);
    public const string OperateUsers = nameof(OperateUsers);
    public const string OperateIdentity = nameof(OperateIdentity);

    private static readonly string[] User = [Roles.User];
    private static readonly string[] Admins = [Roles.Admin, Roles.Superadmin];
    private static readonly string[] Superadmins = [Roles.Superadmin];
    private static readonly string[] AllUsers = [Roles.User, Roles.Admin, Roles.Superadmin];

    internal sealed record Rule(string Policy, string Audience, string Scope, string[] Roles, bool Machines);

    internal static IReadOnlyList<Rule> Table { get; } =
    [
        //       policy           audience            scope                 people       machine clients
        new Rule(EcgsRead,        Audiences.Ecgs,     Scopes.EcgsRead,      User,        true),
        new Rule(EcgsWrite,       Audiences.Ecgs,     Scopes.EcgsWrite,     User,        true),
        new Rule(InsightsRead,    Audiences.Ecgs,     Scopes.EcgsRead,      User,        true),   // one's own
        new Rule(InsightsRead,    Audiences.Ecgs,     Scopes.InsightsReadAny, [],        true),   // or everybody's
        new Rule(EventsRead,      Audiences.Ecgs,     Scopes.EventsRead,    [],          true),
        new Rule(Self,            Audiences.Users,    Scopes.UsersRead,     AllUsers,   false),
        new Rule(UsersRead,       Audiences.Users,    Scopes.UsersRead,     AllUsers,   true),   // a user sees itself only
        new Rule(UsersList,       Audiences.Users,    Scopes.UsersRead,     Admins,      true),
        new Rule(UsersChange,     Audiences.Users,    Scopes.UsersWrite,    AllUsers,   true),   // a user changes its own contact data only
        new Rule(UsersManage,     Audiences.Users,    Scopes.UsersWrite,    Admins,      true),
        new Rule(UsersAudit,      Audiences.Users,    Scopes.UsersRead,     Admins,      false),
        new Rule(ClientsManage,   Audiences.Identity, Scopes.ClientsManage, Admins,      false),
        new Rule(ClientsChange,   Audiences.Identity, Scopes.ClientsManage, Admins,      false),
        new Rule(ClientsChange,   Audiences.Identity, Scopes.ClientsSelf,   [],          true),   // a machine client itself only
        new Rule(OwnClient,       Audiences.Identity, Scopes.ClientsSelf,   [],          true),
        new Rule(OwnAccount,      Audiences.Identity, Scopes.Account,       AllUsers,   false),
        new Rule(OperateEcgs,     Audiences.Ecgs,     Scopes.Operations,    Superadmins, false),
        new Rule(OperateUsers,    Audiences.Users,    Scopes.Operations,    Superadmins, false),
        new Rule(OperateIdentity, Audiences.Identity, Scopes.Operations,    Superadmins, false),
    ];

    /// <summary>The scopes that a policy asks for: any of them will do.</summary>
    public static IReadOnlyList<string> ScopesOf(string policy) => [.. Table.Where(rule => rule.Policy == policy).Select(rule => rule.Scope)];

    internal static void Apply(AuthorizationOptions options)
    {
        foreach (var rules in Table.GroupBy(rule => rule.Policy))
        {
            options.AddPolicy(rules.Key, policy => policy
                .AddAuthenticationSchemes([.. rules.Select(rule => rule.Audience).Distinct()])
                .RequireAuthenticatedUser()
                .RequireAssertion(context =>
                {
                    var caller = new CurrentCaller(context.User);
                    return rules.Any(rule => Allows(rule, caller));
                }));
        }

        options.FallbackPolicy = new AuthorizationPolicyBuilder(Audiences.Identity).RequireAssertion(IsNoRoute).Build();
    }

    /// <summary>
    /// Returns the scope that the caller lacks for a policy, preferably one that its role may be granted; null if it lacks none: then its
    /// role does not give the right.
    /// </summary>
    internal static string? MissingScope(string policy, CurrentCaller caller)
    {
        var rules = Table.Where(rule => rule.Policy == policy).ToList();
        var open = rules.Where(rule => IsFor(rule, caller)).ToList();
        var candidates = open.Count > 0 ? open : rules;
        return candidates.Any(rule => HasScope(rule, caller)) ? null : candidates.FirstOrDefault()?.Scope;
    }

    /// <summary>Whether the insights (and nothing else) of every owner are open to this caller.</summary>
    public static bool MayReadAnyInsights(CurrentCaller caller) =>
        Table.Any(rule => rule is { Policy: InsightsRead, Scope: Scopes.InsightsReadAny } && Allows(rule, caller));

    internal static bool Allows(Rule rule, CurrentCaller caller) => HasScope(rule, caller) && IsFor(rule, caller);

    private static bool HasScope(Rule rule, CurrentCaller caller) =>
        caller.Scopes.Contains(rule.Scope) && caller.Audiences.Contains(rule.Audience);

    private static bool IsFor(Rule rule, CurrentCaller caller) => caller.IsMachine ? rule.Machines : rule.Roles.Contains(caller.Role);

    /// <summary>
    /// Returns whether no route takes the request, so that 404 or 405 follows: with a valid token, and without any. A token that is not
    /// valid is 401 here, too. A route without a row of the table is a route, and rejected.
    /// </summary>
    private static bool IsNoRoute(AuthorizationHandlerContext context) =>
        context.Resource is HttpContext http
        && http.GetEndpoint() is not RouteEndpoint
        && (context.User.Identity?.IsAuthenticated == true || http.Request.Headers.Authorization.Count == 0);
}
