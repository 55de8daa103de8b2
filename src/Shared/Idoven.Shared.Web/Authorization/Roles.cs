namespace Idoven.Shared.Web.Authorization;

/// <summary>A person has exactly one, for ever. A machine client has none.</summary>
public static class Roles
{
    public const string User = "user";
    public const string Admin = "admin";
    public const string Superadmin = "superadmin";
}
