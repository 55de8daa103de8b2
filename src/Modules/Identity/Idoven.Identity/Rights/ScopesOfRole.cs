using Idoven.Ecgs.Contracts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Rights;

/// <summary>
/// The scopes that a user of a role may be granted at most: a right needs the role and the scope. An administrator never has access to
/// ECGs.
/// </summary>
internal static class ScopesOfRole
{
    private static readonly string[] AllRoles =
    [
        IdentityScopes.OpenId, IdentityScopes.Profile, IdentityScopes.OfflineAccess, IdentityScopes.Account,
        UsersScopes.Read, UsersScopes.Write,
    ];

    private static readonly string[] Ecgs = [EcgsScopes.Read, EcgsScopes.Write];
    private static readonly string[] User = [.. AllRoles, .. Ecgs];
    private static readonly string[] Admin = [.. AllRoles, IdentityScopes.ManageClients];
    private static readonly string[] Superadmin = [.. Admin, AccessRules.OperationsScope];

    /// <summary>
    /// Gets the scopes that an administrator may register for an application that users sign in through. At each sign-in the user's role
    /// decides which of them are granted. Scopes for ECGs and for the account are not included: the administrator, who chooses the
    /// redirect URIs and knows the secret, could get the ECGs and the accounts of the users that allow the application.
    /// </summary>
    public static IReadOnlyList<string> Grantable => [.. User.Union(Superadmin).Except(OnHost)];

    /// <summary>Gets the scopes that only an operator on the host can grant to such an application.</summary>
    public static IReadOnlyList<string> OnHost { get; } = [IdentityScopes.Account, .. Ecgs];

    /// <summary>Returns whether an application with these scopes manages the accounts of the users that allow it.</summary>
    public static bool ReachAccounts(IEnumerable<string> scopes) => scopes.Contains(IdentityScopes.Account);

    /// <summary>Returns whether all of the scopes may be granted to a user of this role.</summary>
    public static bool Allow(string role, IEnumerable<string> scopes) => scopes.All(FindScopes(role).Contains);

    /// <summary>Returns those of the scopes that may be granted to a user of this role.</summary>
    public static IEnumerable<string> Restrict(string role, IEnumerable<string> scopes) => scopes.Where(FindScopes(role).Contains);

    private static string[] FindScopes(string role) => role switch
    {
        UserRole.User => User,
        UserRole.Admin => Admin,
        UserRole.Superadmin => Superadmin,
        _ => [],
    };
}
