namespace Idoven.Users.Contracts;

/// <summary>The roles of users. A user has exactly one, which never changes. A machine client has none.</summary>
public static class UserRole
{
    public const string User = "user";
    public const string Admin = "admin";
    public const string Superadmin = "superadmin";

    /// <summary>Gets all roles.</summary>
    public static IReadOnlyList<string> All { get; } = [User, Admin, Superadmin];

    /// <summary>Gets the roles that manage users.</summary>
    public static IReadOnlyList<string> Administrators { get; } = [Admin, Superadmin];
}
