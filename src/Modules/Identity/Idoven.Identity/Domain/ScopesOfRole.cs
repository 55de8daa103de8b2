namespace Idoven.Identity.Domain;

/// <summary>Rights are role AND scope: what a person may be granted at most. An admin never reaches an ECG.</summary>
internal static class ScopesOfRole
{
    private static readonly string[] Everybody = ["openid", "profile", "offline_access", "users:read", "users:write"];
    private static readonly string[] User = [.. Everybody, "ecgs:read", "ecgs:write"];
    private static readonly string[] Admin = [.. Everybody, "clients:manage"];
    private static readonly string[] Superadmin = [.. Admin, "operations"];

    /// <summary>What a client that people sign in through may ask for: whether a person has it, their role says at each sign-in.</summary>
    public static IReadOnlyList<string> Grantable { get; } = [.. User.Union(Superadmin)];

    /// <returns>True where every scope may be granted to somebody of this role.</returns>
    public static bool Allow(string role, IEnumerable<string> scopes)
    {
        string[] granted = role switch
        {
            "user" => User,
            "admin" => Admin,
            "superadmin" => Superadmin,
            _ => [],
        };
        return scopes.All(granted.Contains);
    }
}
