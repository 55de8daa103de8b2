using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;

namespace Idoven.Users.Api;

/// <summary>The policies of the module's routes.</summary>
internal static class UsersPolicies
{
    public const string Self = nameof(Self);
    public const string UsersRead = nameof(UsersRead);
    public const string UsersList = nameof(UsersList);
    public const string UsersChange = nameof(UsersChange);
    public const string UsersManage = nameof(UsersManage);
    public const string UsersAudit = nameof(UsersAudit);
    public const string OperateUsers = nameof(OperateUsers);

    /// <summary>Registers the scopes and the policy table of the module.</summary>
    public static void Register(AccessRules access) => access.AddAudience(UsersScopes.Audience)
        .Scope(UsersScopes.Read, ScopeHolders.All, "Read the own user, or the users that the caller administers.")
        .Scope(UsersScopes.Write, ScopeHolders.All, "Change the own user, or register and change the users that the caller administers.")
        .Policy(Self, UsersScopes.Read, UserRole.All, machines: false)
        .Policy(UsersRead, UsersScopes.Read, UserRole.All, machines: true)      // a user can read only itself
        .Policy(UsersList, UsersScopes.Read, UserRole.Administrators, machines: true)
        .Policy(UsersChange, UsersScopes.Write, UserRole.All, machines: true)   // a user can change only its own contact data
        .Policy(UsersManage, UsersScopes.Write, UserRole.Administrators, machines: true)
        .Policy(UsersAudit, UsersScopes.Read, UserRole.Administrators, machines: false)
        .Operations(OperateUsers, UserRole.Superadmin);
}
