namespace Idoven.Identity.TwoFactor;

/// <summary>Of whom a second factor is required.</summary>
/// <param name="Roles">Who has none is led through its set-up at the next sign-in.</param>
internal sealed record SecondFactorRule(IReadOnlyList<string> Roles)
{
    public static SecondFactorRule None { get; } = new([]);

    public bool Requires(string role) => Roles.Contains(role);

    /// <param name="setting"><c>none</c>, <c>admins</c> or <c>everybody</c>.</param>
    /// <returns>Null where it is none of these.</returns>
    public static SecondFactorRule? Read(string? setting) => setting switch
    {
        null or "none" => None,
        "admins" => new(["admin", "superadmin"]),
        "everybody" => new(["user", "admin", "superadmin"]),
        _ => null,
    };
}
