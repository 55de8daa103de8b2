using Idoven.Identity.Pages;

namespace Idoven.Identity.SignIn;

/// <summary>The two fields in which a person chooses a password.</summary>
internal static class NewPassword
{
    public const string Password = "password";
    public const string Repeated = "repeated";
    public const string NotRepeated = "It is not the same as above.";

    private const string Autocomplete = "new-password";

    private static string Hint => $"{PasswordRules.MinLength} to {PasswordRules.MaxLength} characters, all of your choice; not the username or the e-mail address, and not what many people have.";

    public static Html Fields(string? passwordError, string? repeatedError) =>
        $"""
         {HtmlForms.Field(Password, "Password", "password", Autocomplete, error: passwordError, hint: Hint)}
         {HtmlForms.Field(Repeated, "Password, once more", "password", Autocomplete, error: repeatedError)}
         """;
}
