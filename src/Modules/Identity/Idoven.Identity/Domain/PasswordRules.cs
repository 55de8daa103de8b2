namespace Idoven.Identity.Domain;

/// <summary>What a password must be (NIST SP 800-63B: long rather than colourful).</summary>
internal static class PasswordRules
{
    public const int MinLength = 12;
    public const int MaxLength = 128;

    /// <returns>The rule that it breaks, for whoever chose it; null where it is good.</returns>
    public static string? Broken(string password, string username) => password.EnumerateRunes().Count() switch
    {
        < MinLength => $"At least {MinLength} characters.",
        > MaxLength => $"At most {MaxLength} characters.",
        _ when string.Equals(password, username, StringComparison.OrdinalIgnoreCase) => "Not the username.",
        _ => null,
    };
}
