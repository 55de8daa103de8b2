using Microsoft.AspNetCore.Authorization;

namespace Idoven.Shared.Http;

/// <summary>Who may, in one table: rights are role AND scope. A route without a row here is refused.</summary>
public static class Policies
{
    public const string EcgsRead = nameof(EcgsRead);
    public const string EcgsWrite = nameof(EcgsWrite);
    public const string EventsRead = nameof(EventsRead);
    public const string Self = nameof(Self);
    public const string OperateEcgs = nameof(OperateEcgs);
    public const string OperateUsers = nameof(OperateUsers);
    public const string OperateIdentity = nameof(OperateIdentity);

    internal sealed record Rule(string Policy, string Audience, string Scope, string[] Roles, bool Machines);

    internal static IReadOnlyList<Rule> Table { get; } =
    [
        //       policy      audience         scope             people                                                   machine clients
        new Rule(EcgsRead,   Audiences.Ecgs,  Scopes.EcgsRead,  [Http.Roles.User],                                       true),
        new Rule(EcgsWrite,  Audiences.Ecgs,  Scopes.EcgsWrite, [Http.Roles.User],                                       true),
        new Rule(EventsRead, Audiences.Ecgs,  Scopes.EventsRead, [],                                                     true),
        new Rule(Self,       Audiences.Users, Scopes.UsersRead, [Http.Roles.User, Http.Roles.Admin, Http.Roles.Superadmin], false),
        new Rule(OperateEcgs,     Audiences.Ecgs,     Scopes.Operations, [Http.Roles.Superadmin],                        false),
        new Rule(OperateUsers,    Audiences.Users,    Scopes.Operations, [Http.Roles.Superadmin],                        false),
        new Rule(OperateIdentity, Audiences.Identity, Scopes.Operations, [Http.Roles.Superadmin],                        false),
    ];

    internal static void Apply(AuthorizationOptions options)
    {
        foreach (var rule in Table)
        {
            options.AddPolicy(rule.Policy, policy => policy
                .AddAuthenticationSchemes(rule.Audience)
                .RequireAuthenticatedUser()
                .RequireAssertion(context => Allows(rule, new CurrentCaller(context.User))));
        }

        options.FallbackPolicy = new AuthorizationPolicyBuilder(Audiences.Identity)
            .RequireAuthenticatedUser()
            .RequireAssertion(_ => false)
            .Build();
    }

    internal static bool Allows(Rule rule, CurrentCaller caller) =>
        caller.Scopes.Contains(rule.Scope) && (caller.IsMachine ? rule.Machines : rule.Roles.Contains(caller.Role));
}
