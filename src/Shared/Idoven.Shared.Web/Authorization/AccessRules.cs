using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Shared.Web.Authorization;

/// <summary>The callers that can be granted a scope.</summary>
[Flags]
public enum ScopeHolders
{
    People = 1,
    Machines = 2,
    All = People | Machines,
}

/// <summary>Represents a scope of access tokens.</summary>
/// <param name="Name">The name in tokens and token requests.</param>
/// <param name="Holders">The callers that can be granted the scope.</param>
/// <param name="Description">What the scope permits, for the OpenAPI document.</param>
public sealed record ScopeDefinition(string Name, ScopeHolders Holders, string Description);

/// <summary>Represents one row of the policy table. A policy that has several rows is met if one row is met.</summary>
/// <param name="Audience">The audience that the token must have.</param>
/// <param name="Scope">The scope that the token must have.</param>
/// <param name="Roles">The roles of people that the row allows.</param>
/// <param name="AllowsMachines">Whether the row allows machine clients.</param>
public sealed record AccessRule(string Policy, string Audience, string Scope, IReadOnlyList<string> Roles, bool AllowsMachines)
{
    /// <summary>Returns whether the row allows a caller.</summary>
    public bool Allows(CurrentCaller caller) => HasScope(caller) && IsFor(caller);

    internal bool HasScope(CurrentCaller caller) => caller.Scopes.Contains(Scope) && caller.Audiences.Contains(Audience);

    internal bool IsFor(CurrentCaller caller) => caller.IsMachine ? AllowsMachines : Roles.Contains(caller.Role);
}

/// <summary>
/// The audiences, scopes and policies of all modules. A right needs both the role and the scope. Every host registers those of all modules,
/// also of modules that run elsewhere: it then rejects a token for another module with the scope that the token lacks, and the token
/// server can issue every scope.
/// </summary>
public sealed class AccessRules
{
    /// <summary>The scope for operators. It gives access to the operations of every module that registers it.</summary>
    public const string OperationsScope = "operations";

    private readonly List<string> audiences = [];
    private readonly List<(ScopeDefinition Scope, string Audience)> scopes = [];
    private readonly List<AccessRule> rules = [];
    private string? fallbackAudience;

    /// <summary>Gets the audiences, one for each module.</summary>
    public IReadOnlyList<string> Audiences => audiences;

    /// <summary>Gets the scopes of all modules.</summary>
    public IEnumerable<ScopeDefinition> Scopes => scopes.Select(entry => entry.Scope).DistinctBy(scope => scope.Name);

    /// <summary>Gets the policy table.</summary>
    public IReadOnlyList<AccessRule> Rules => rules;

    /// <summary>Adds the audience of a module.</summary>
    /// <param name="isFallback">Whether a request that matches no route is authenticated for this audience.</param>
    /// <returns>A builder for the scopes and policies of the module.</returns>
    public ModuleAccess AddAudience(string audience, bool isFallback = false)
    {
        audiences.Add(audience);
        if (isFallback)
        {
            fallbackAudience = audience;
        }

        return new ModuleAccess(this, audience);
    }

    /// <summary>Returns the audiences of a token that has the scope; none if the scope is unknown.</summary>
    public IEnumerable<string> FindAudiences(string scope) =>
        scopes.Where(entry => entry.Scope.Name == scope).Select(entry => entry.Audience);

    /// <summary>Returns the scopes that meet a policy: a caller needs one of them.</summary>
    public IReadOnlyList<string> FindScopes(string policy) => [.. RulesOf(policy).Select(rule => rule.Scope)];

    /// <summary>Returns whether the row of a policy with this scope allows the caller.</summary>
    public bool Allows(string policy, string scope, CurrentCaller caller) =>
        RulesOf(policy).Any(rule => rule.Scope == scope && rule.Allows(caller));

    /// <summary>
    /// Returns the scope that the caller lacks for a policy, preferably one that its role can be granted. Returns null if it lacks none:
    /// then its role does not give the right.
    /// </summary>
    public string? FindMissingScope(string policy, CurrentCaller caller)
    {
        var all = RulesOf(policy).ToList();
        var open = all.Where(rule => rule.IsFor(caller)).ToList();
        var candidates = open.Count > 0 ? open : all;
        return candidates.Any(rule => rule.HasScope(caller)) ? null : candidates.FirstOrDefault()?.Scope;
    }

    /// <summary>Adds the policies to the authorization of the host.</summary>
    public void Apply(AuthorizationOptions options)
    {
        foreach (var policyRules in rules.GroupBy(rule => rule.Policy))
        {
            options.AddPolicy(policyRules.Key, policy => policy
                .AddAuthenticationSchemes([.. policyRules.Select(rule => rule.Audience).Distinct()])
                .RequireAuthenticatedUser()
                .RequireAssertion(context =>
                {
                    var caller = new CurrentCaller(context.User);
                    return policyRules.Any(rule => rule.Allows(caller));
                }));
        }

        options.FallbackPolicy = new AuthorizationPolicyBuilder(fallbackAudience ?? audiences[0]).RequireAssertion(HasNoRoute).Build();
    }

    internal void Add(ScopeDefinition scope, string audience) => scopes.Add((scope, audience));

    internal void Add(AccessRule rule)
    {
        if (!scopes.Any(entry => entry.Scope.Name == rule.Scope && entry.Audience == rule.Audience))
        {
            throw new InvalidOperationException($"The scope {rule.Scope} is not registered for {rule.Audience}.");
        }

        rules.Add(rule);
    }

    /// <summary>
    /// Returns whether the request matches no route, so that 404 or 405 follows: with a valid token, and without a token. A token that is
    /// not valid gets 401 here, too. A route without a policy is a route, and is rejected.
    /// </summary>
    private static bool HasNoRoute(AuthorizationHandlerContext context) =>
        context.Resource is HttpContext http
        && http.GetEndpoint() is not RouteEndpoint
        && (context.User.Identities.Any(identity => identity.IsAuthenticated) || http.Request.Headers.Authorization.Count == 0);

    private IEnumerable<AccessRule> RulesOf(string policy) => rules.Where(rule => rule.Policy == policy);
}

/// <summary>Registers the scopes and policies of one module.</summary>
public sealed class ModuleAccess
{
    private readonly AccessRules access;
    private readonly string audience;

    internal ModuleAccess(AccessRules access, string audience) => (this.access, this.audience) = (access, audience);

    /// <summary>Adds a scope. A token that has the scope has the audience of the module.</summary>
    public ModuleAccess Scope(string name, ScopeHolders holders, string description)
    {
        access.Add(new ScopeDefinition(name, holders, description), audience);
        return this;
    }

    /// <summary>Adds a row to the policy table.</summary>
    /// <exception cref="InvalidOperationException">The module has not registered the scope.</exception>
    public ModuleAccess Policy(string policy, string scope, IReadOnlyList<string> roles, bool machines)
    {
        access.Add(new AccessRule(policy, audience, scope, roles, machines));
        return this;
    }

    /// <summary>Adds the policy for the operations of the module.</summary>
    /// <param name="role">The role of operators.</param>
    public ModuleAccess Operations(string policy, string role) =>
        Scope(AccessRules.OperationsScope, ScopeHolders.People, "Read and replay parked messages.")
            .Policy(policy, AccessRules.OperationsScope, [role], machines: false);
}
