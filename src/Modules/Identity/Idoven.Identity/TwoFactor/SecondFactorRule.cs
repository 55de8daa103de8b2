using Idoven.Users.Contracts;

namespace Idoven.Identity.TwoFactor;

/// <summary>Represents the roles that require a second factor.</summary>
/// <param name="Roles">The roles. A user without a second factor has to set one up at the next sign-in.</param>
internal sealed record SecondFactorRule(IReadOnlyList<string> Roles)
{
    public static SecondFactorRule None { get; } = new([]);

    public bool Requires(string role) => Roles.Contains(role);

    /// <param name="setting">The value of <c>Auth:RequireSecondFactor</c>.</param>
    /// <returns>Null if the setting is not one of these.</returns>
    public static SecondFactorRule? Read(string? setting) => setting switch
    {
        null or "none" => None,
        "admins" => new(UserRole.Administrators),
        "everybody" => new(UserRole.All),
        _ => null,
    };
}
