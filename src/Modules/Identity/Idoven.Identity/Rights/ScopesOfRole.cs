namespace Idoven.Identity.Rights;

/// <summary>
/// The scopes that a user of a role may be granted at most: a right needs the role and the scope. An administrator never has access to
/// ECGs.
/// </summary>
internal static class ScopesOfRole
{
    /// <summary>Sessions, consents, audit log, password and second factor of the user: for the service's own applications.</summary>
    private const string Account = "account";

    private static readonly string[] AllRoles = ["openid", "profile", "offline_access", Account, "users:read", "users:write"];
    private static readonly string[] Ecgs = ["ecgs:read", "ecgs:write"];
    private static readonly string[] User = [.. AllRoles, .. Ecgs];
    private static readonly string[] Admin = [.. AllRoles, "clients:manage"];
    private static readonly string[] Superadmin = [.. Admin, "operations"];

    /// <summary>
    /// Gets the scopes that an administrator may register for an application that users sign in through. At each sign-in the user's role
    /// decides which of them are granted. Scopes for ECGs and for the account are not included: the administrator, who chooses the
    /// redirect URIs and knows the secret, could get the ECGs and the accounts of the users that allow the application.
    /// </summary>
    public static IReadOnlyList<string> Grantable => [.. User.Union(Superadmin).Except(OnHost)];

    /// <summary>Gets the scopes that such an application is granted on the host only.</summary>
    public static IReadOnlyList<string> OnHost { get; } = [Account, .. Ecgs];

    /// <summary>Returns whether an application with these scopes manages the accounts of the users that allow it.</summary>
    public static bool ReachAccounts(IEnumerable<string> scopes) => scopes.Contains(Account);

    /// <summary>Returns whether all of the scopes may be granted to a user of this role.</summary>
    public static bool Allow(string role, IEnumerable<string> scopes) => scopes.All(FindScopes(role).Contains);

    /// <summary>Returns those of the scopes that may be granted to a user of this role.</summary>
    public static IEnumerable<string> Restrict(string role, IEnumerable<string> scopes) => scopes.Where(FindScopes(role).Contains);

    private static string[] FindScopes(string role) => role switch
    {
        "user" => User,
        "admin" => Admin,
        "superadmin" => Superadmin,
        _ => [],
    };
}
