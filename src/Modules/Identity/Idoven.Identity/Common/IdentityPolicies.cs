using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Common;

/// <summary>The policies of the module's routes.</summary>
internal static class IdentityPolicies
{
    public const string ClientsManage = nameof(ClientsManage);
    public const string ClientsChange = nameof(ClientsChange);
    public const string OwnClient = nameof(OwnClient);
    public const string OwnAccount = nameof(OwnAccount);
    public const string OperateIdentity = nameof(OperateIdentity);

    /// <summary>Registers the scopes and the policy table of the module.</summary>
    public static void Register(AccessRules access) => access.AddAudience(IdentityScopes.Audience, isFallback: true)
        .Scope(IdentityScopes.ManageClients, ScopeHolders.People, "Register, rotate and remove machine clients.")
        .Scope(IdentityScopes.OwnClient, ScopeHolders.Machines, "Read the own machine client and change its credentials.")
        .Scope(IdentityScopes.OpenId, ScopeHolders.People, "An id token, and the user's id at /connect/userinfo.")
        .Scope(IdentityScopes.Profile, ScopeHolders.People, "The username at /connect/userinfo.")
        .Scope(IdentityScopes.OfflineAccess, ScopeHolders.People, "A refresh token.")
        .Scope(
            IdentityScopes.Account, ScopeHolders.People,
            "Manage the own account; granted on the host only, to the service's own applications.")
        .Policy(ClientsManage, IdentityScopes.ManageClients, UserRole.Administrators, machines: false)
        .Policy(ClientsChange, IdentityScopes.ManageClients, UserRole.Administrators, machines: false)
        .Policy(ClientsChange, IdentityScopes.OwnClient, [], machines: true)     // a machine client can change only itself
        .Policy(OwnClient, IdentityScopes.OwnClient, [], machines: true)
        .Policy(OwnAccount, IdentityScopes.Account, UserRole.All, machines: false)
        .Operations(OperateIdentity, UserRole.Superadmin);
}
