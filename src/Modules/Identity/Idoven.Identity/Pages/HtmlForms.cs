using Idoven.Shared.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Pages;

/// <summary>Renders the forms of all pages, with an antiforgery token and with error messages that are linked to their fields.</summary>
internal sealed class HtmlForms(IAntiforgery antiforgery)
{
    public const string TokenField = "form_token";

    /// <summary>The name of the field that contains the pressed button.</summary>
    public const string Answer = "answer";

    private const int RetryAfterSeconds = 2;

    /// <summary>Renders a form that is sent to <paramref name="action"/>, relative to the page, with hidden fields.</summary>
    public Html Render(HttpContext context, string action, IEnumerable<KeyValuePair<string, string?>> hidden, Html content) =>
        $"""
         <form method="post" action="{action}">
         {Hidden(TokenField, antiforgery.GetAndStoreTokens(context).RequestToken)}
         {hidden.Select(field => Hidden(field.Key, field.Value))}{content}
         </form>
         """;

    /// <summary>
    /// Returns whether the form was issued by this service to this browser and, if a user is signed in, to this user (antiforgery).
    /// </summary>
    public Task<bool> IsOurs(HttpContext context) => antiforgery.IsRequestValidAsync(context);

    public static Html Button(string answer, string text, bool isSecond = false) =>
        $"""<button name="{Answer}" value="{answer}"{(isSecond ? SecondClass : null)}>{text}</button>""";

    /// <param name="autocomplete">The value of the HTML attribute.</param>
    /// <param name="error">What is wrong with the value, or null.</param>
    public static Html Field(
        string name, string label, string type, string autocomplete, string? value = null, string? error = null, string? hint = null) =>
        $"""
         <label for="{name}">{label}</label>
         <input id="{name}" name="{name}" type="{type}" value="{value}" autocomplete="{autocomplete}"
           autocapitalize="none" spellcheck="false" required{DescribedBy(name, error, hint)}>
         {(hint is null ? null : Note($"{name}-hint", "soft", hint))}{(error is null ? null : Note($"{name}-error", "error", error))}
         """;

    /// <summary>
    /// Returns the action of a form of the account's pages. The page is at <c>.../name</c> and, after an error, at <c>.../name/form</c>.
    /// </summary>
    public static string Action(HttpContext context, string name) => HttpMethods.IsPost(context.Request.Method) ? "form" : $"{name}/form";

    public static Page Expired() => Message(
        "This form is no longer valid",
        "It was open for too long, or there was another sign-in in this browser. Nothing was changed. "
            + "Go back, load the page again, and fill it in again.",
        StatusCodes.Status400BadRequest);

    public static Page Overloaded(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Message(
            "Too many users are signing in",
            "Wait a few seconds, then go back and send the form again. Nothing was changed.",
            StatusCodes.Status503ServiceUnavailable);
    }

    public static Page TooManyRequests(HttpContext context, TimeSpan retryAfter)
    {
        context.RetryAfter(retryAfter);
        return Message(
            "Too many requests from your network",
            "No e-mail was sent. Wait an hour, then send the form again.",
            StatusCodes.Status429TooManyRequests);
    }

    public static Page Message(string title, string text, int status = StatusCodes.Status200OK) => new(title, $"<p>{text}</p>", status);

    private static Html SecondClass => $""" class="second" """;

    private static Html Hidden(string name, string? value) => $"""<input type="hidden" name="{name}" value="{value}">""";

    private static Html Note(string id, string kind, string text) => $"""<p id="{id}" class="{kind}">{text}</p>""";

    private static Html? DescribedBy(string name, string? error, string? hint) => (error, hint) switch
    {
        (null, null) => null,
        (null, _) => $""" aria-describedby="{name}-hint" """,
        (_, null) => $""" aria-invalid="true" aria-describedby="{name}-error" """,
        _ => $""" aria-invalid="true" aria-describedby="{name}-error {name}-hint" """,
    };
}
