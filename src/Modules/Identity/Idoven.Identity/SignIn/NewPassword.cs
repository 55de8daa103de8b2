using Idoven.Identity.Pages;

namespace Idoven.Identity.SignIn;

/// <summary>The two form fields in which a user chooses a password.</summary>
internal static class NewPassword
{
    public const string Password = "password";
    public const string Repeated = "repeated";
    public const string NotRepeated = "The passwords are not the same.";

    private const string Autocomplete = "new-password";

    private static string Hint =>
        $"{PasswordRules.MinLength} to {PasswordRules.MaxLength} characters of any kind; "
        + "not the username, not the e-mail address and not a common password.";

    public static Html Fields(string? passwordError, string? repeatedError) =>
        $"""
         {HtmlForms.Field(Password, "Password", "password", Autocomplete, error: passwordError, hint: Hint)}
         {HtmlForms.Field(Repeated, "Repeat the password", "password", Autocomplete, error: repeatedError)}
         """;
}
