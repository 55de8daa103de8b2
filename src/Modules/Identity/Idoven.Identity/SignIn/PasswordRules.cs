namespace Idoven.Identity.SignIn;

/// <summary>
/// What a password must be (NIST SP 800-63B; OWASP ASVS 5.0, 6.2): long rather than colourful, and not among the first that are guessed. It is
/// taken as it is typed, every character of it; a character is a code point.
/// </summary>
internal static class PasswordRules
{
    public const int MinLength = 8;
    public const int MaxLength = 256;

    /// <param name="identifiers">What its holder signs in with; null stands for none.</param>
    /// <returns>The rule that it breaks, for whoever chose it; null where it is good.</returns>
    public static string? FindError(string password, params IEnumerable<string?> identifiers) => password.EnumerateRunes().Count() switch
    {
        < MinLength => $"At least {MinLength} characters.",
        > MaxLength => $"At most {MaxLength} characters.",
        _ when identifiers.Contains(password, StringComparer.OrdinalIgnoreCase) => "Not the username, and not the e-mail address.",
        _ when CommonPasswords.Contains(password) => "Not one that many people have: it is among the first to be guessed.",
        _ => null,
    };
}
