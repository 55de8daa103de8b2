using Idoven.Identity.Pages;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.SignIn;

internal static class SignInPage
{
    public const string SignIn = "sign-in";
    public const string Username = "username";
    public const string Password = "password";

    /// <summary>The same message for an unknown name, a wrong password and a disabled account.</summary>
    public const string Wrong = "The username or the password is wrong.";

    public static Page Render(HttpContext context, HtmlForms forms, SignInFlow flow, string? username, string? error) => new(
        "Sign in",
        $"""
         <p>to continue to <strong>{flow.Purpose}</strong></p>
         {forms.Render(context, flow.Action, flow.Hidden,
             $"""
              {HtmlForms.Field(Username, "Username or e-mail address", "text", "username", username, error)}
              {HtmlForms.Field(Password, "Password", "password", "current-password")}
              {HtmlForms.Button(SignIn, "Sign in")}
              """)}
         <p class="soft"><a href="../account/recovery">Forgot your password?</a></p>
         """,
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        flow.FormTarget);
}
