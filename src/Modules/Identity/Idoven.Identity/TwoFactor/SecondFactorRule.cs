using Idoven.Users.Contracts;

namespace Idoven.Identity.TwoFactor;

/// <summary>Represents the setting that requires a second factor of some users.</summary>
/// <param name="Roles">The roles of these users. A user without a second factor has to set one up at the next sign-in.</param>
internal sealed record SecondFactorRule(IReadOnlyList<string> Roles)
{
    public static SecondFactorRule None { get; } = new([]);

    public bool Requires(string role) => Roles.Contains(role);

    /// <param name="setting"><c>none</c>, <c>admins</c> or <c>everybody</c>.</param>
    /// <returns>Null if the setting has another value.</returns>
    public static SecondFactorRule? Read(string? setting) => setting switch
    {
        null or "none" => None,
        "admins" => new(UserRole.Administrators),
        "everybody" => new(UserRole.All),
        _ => null,
    };
}
