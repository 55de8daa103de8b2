using Idoven.Identity.Pages;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

internal static class SignOutPage
{
    public const string SignOut = "sign-out";

    /// <param name="hidden">The client's request, where one can be answered.</param>
    /// <param name="formTarget">Where that leads to in the end.</param>
    /// <param name="notice">What was wrong with the request; null where nothing was.</param>
    public static Page Render(HttpContext context, HtmlForms forms, IEnumerable<KeyValuePair<string, string?>> hidden, string? formTarget, string? notice) => new(
        "Sign out?",
        $"""
         {(notice is null ? null : Note(notice))}
         <p>Signing out ends this sign-in in every application that you used it for. To stay signed in, close this page.</p>
         {forms.Render(context, "logout", hidden, HtmlForms.Button(SignOut, "Sign out"))}
         """,
        notice is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        formTarget);

    public static Page Done() => HtmlForms.Message("You are signed out", "You may close this page.");

    private static Html Note(string notice) => $"""<p class="error">The application that sent you here asked in a way that cannot be answered, so you will not be sent back to it: {notice}</p>""";
}
