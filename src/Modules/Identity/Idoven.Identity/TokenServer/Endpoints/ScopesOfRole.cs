using Idoven.Ecgs.Contracts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>Rights are role AND scope: what a person may be granted at most. An admin never reaches an ECG.</summary>
internal static class ScopesOfRole
{
    private static readonly string[] Everybody =
    [
        IdentityScopes.OpenId, IdentityScopes.Profile, IdentityScopes.OfflineAccess, IdentityScopes.Account, UsersScopes.Read, UsersScopes.Write,
    ];

    private static readonly string[] Ecgs = [EcgsScopes.Read, EcgsScopes.Write];
    private static readonly string[] User = [.. Everybody, .. Ecgs];
    private static readonly string[] Admin = [.. Everybody, IdentityScopes.ManageClients];
    private static readonly string[] Superadmin = [.. Admin, AccessRules.OperationsScope];

    /// <summary>
    /// What an administrator registers an application for that people sign in through: whether a person has it, their role says at each
    /// sign-in. Scopes for ECGs and for the account are not among it: a user that chooses an application's addresses and knows its
    /// secret could get the ECGs and the accounts of people that allow it.
    /// </summary>
    public static IReadOnlyList<string> Grantable => [.. User.Union(Superadmin).Except(OnHost)];

    /// <summary>What such an application is granted on the host only.</summary>
    public static IReadOnlyList<string> OnHost { get; } = [IdentityScopes.Account, .. Ecgs];

    /// <summary>Returns whether an application with these scopes manages the accounts of the users that allow it.</summary>
    public static bool ReachAccounts(IEnumerable<string> scopes) => scopes.Contains(IdentityScopes.Account);

    /// <returns>True where every scope may be granted to somebody of this role.</returns>
    public static bool Allow(string role, IEnumerable<string> scopes) => scopes.All(OfRole(role).Contains);

    /// <summary>Returns those of the scopes that may be granted to a user of this role.</summary>
    public static IEnumerable<string> Restrict(string role, IEnumerable<string> scopes) => scopes.Where(OfRole(role).Contains);

    private static string[] OfRole(string role) => role switch
    {
        UserRole.User => User,
        UserRole.Admin => Admin,
        UserRole.Superadmin => Superadmin,
        _ => [],
    };
}
