namespace Idoven.Identity.SignIn;

/// <summary>
/// The rules for passwords (NIST SP 800-63B; OWASP ASVS 5.0, 6.2): a minimum length instead of required kinds of characters, and not a
/// common password. The password is used exactly as it is entered; a character is a code point.
/// </summary>
internal static class PasswordRules
{
    public const int MinLength = 8;
    public const int MaxLength = 256;

    /// <param name="identifiers">The names that its holder signs in with; nulls are ignored.</param>
    /// <returns>The violated rule, as a sentence for the user; null if the password is accepted.</returns>
    public static string? FindError(string password, params IEnumerable<string?> identifiers) => password.EnumerateRunes().Count() switch
    {
        < MinLength => $"The password must have at least {MinLength} characters.",
        > MaxLength => $"The password must have at most {MaxLength} characters.",
        _ when identifiers.Contains(password, StringComparer.OrdinalIgnoreCase) =>
            "The password must not be the username or the e-mail address.",
        _ when CommonPasswords.Contains(password) => "The password is too common: it is among the first that attackers try.",
        _ => null,
    };
}
