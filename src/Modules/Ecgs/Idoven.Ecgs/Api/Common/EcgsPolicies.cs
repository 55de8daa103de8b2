using Idoven.Ecgs.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;

namespace Idoven.Ecgs.Api.Common;

/// <summary>The policies of the module's routes.</summary>
internal static class EcgsPolicies
{
    public const string EcgsRead = nameof(EcgsRead);
    public const string EcgsWrite = nameof(EcgsWrite);
    public const string InsightsRead = nameof(InsightsRead);
    public const string EventsRead = nameof(EventsRead);
    public const string OperateEcgs = nameof(OperateEcgs);

    private static readonly string[] Owners = [UserRole.User];

    /// <summary>Registers the scopes and the policy table of the module.</summary>
    public static void Register(AccessRules access) => access.AddAudience(EcgsScopes.Audience)
        .Scope(EcgsScopes.Read, ScopeHolders.All, "Read own ECGs, samples and insights.")
        .Scope(EcgsScopes.Write, ScopeHolders.All, "Upload and delete own ECGs.")
        .Scope(EcgsScopes.ReadEvents, ScopeHolders.Machines, "Read the public events; granted on the host only.")
        .Scope(
            EcgsScopes.ReadAnyInsights, ScopeHolders.Machines,
            "Read the insights of every owner; each request is recorded in the access log. Granted on the host only.")
        .Policy(EcgsRead, EcgsScopes.Read, Owners, machines: true)
        .Policy(EcgsWrite, EcgsScopes.Write, Owners, machines: true)
        .Policy(InsightsRead, EcgsScopes.Read, Owners, machines: true)           // the caller's own
        .Policy(InsightsRead, EcgsScopes.ReadAnyInsights, [], machines: true)    // those of every owner
        .Policy(EventsRead, EcgsScopes.ReadEvents, [], machines: true)
        .Operations(OperateEcgs, UserRole.Superadmin);
}
