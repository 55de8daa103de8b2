using Idoven.Identity.Pages;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

internal static class SignOutPage
{
    public const string SignOut = "sign-out";

    /// <param name="hidden">The request of the client, as hidden fields; empty if it is invalid.</param>
    /// <param name="formTarget">The address that the form redirects to in the end.</param>
    /// <param name="notice">The error of the request; null if it is valid.</param>
    public static Page Render(
        HttpContext context,
        HtmlForms forms,
        IEnumerable<KeyValuePair<string, string?>> hidden,
        string? formTarget,
        string? notice) => new(
        "Sign out?",
        $"""
         {(notice is null ? null : Note(notice))}
         <p>This signs you out of every application that you signed in to with this browser session. To stay signed in, close this page.</p>
         {forms.Render(context, "logout", hidden, HtmlForms.Button(SignOut, "Sign out"))}
         """,
        notice is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        formTarget);

    public static Page Done() => HtmlForms.Message("You are signed out", "You can close this page.");

    private static Html Note(string notice) =>
        $"""
         <p class="error">The application that sent you here made an invalid request, so you will not be redirected back to it: {notice}</p>
         """;
}
