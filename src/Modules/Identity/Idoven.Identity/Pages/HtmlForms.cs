using Idoven.Shared.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Pages;

/// <summary>What the forms of all pages have: a token that only our own page can send back, and fields whose errors are linked to them.</summary>
internal sealed class HtmlForms(IAntiforgery antiforgery)
{
    public const string TokenField = "form_token";

    /// <summary>Which button was pressed.</summary>
    public const string Answer = "answer";

    private const int RetryAfterSeconds = 2;

    /// <summary>A form that is sent to <paramref name="action"/>, relative to the page, with these values unseen beside its content.</summary>
    public Html Render(HttpContext context, string action, IEnumerable<KeyValuePair<string, string?>> hidden, Html content) =>
        $"""
         <form method="post" action="{action}">
         {Hidden(TokenField, antiforgery.GetAndStoreTokens(context).RequestToken)}{hidden.Select(field => Hidden(field.Key, field.Value))}{content}
         </form>
         """;

    /// <summary>Whether the form is one that we gave to this browser and, where somebody is signed in, to this person.</summary>
    public Task<bool> IsOurs(HttpContext context) => antiforgery.IsRequestValidAsync(context);

    public static Html Button(string answer, string text, bool isSecond = false) =>
        $"""<button name="{Answer}" value="{answer}"{(isSecond ? SecondClass : null)}>{text}</button>""";

    /// <param name="autocomplete">Which of the browser's kept values fits.</param>
    /// <param name="error">What is wrong with it; null where nothing is.</param>
    public static Html Field(string name, string label, string type, string autocomplete, string? value = null, string? error = null, string? hint = null) =>
        $"""
         <label for="{name}">{label}</label>
         <input id="{name}" name="{name}" type="{type}" value="{value}" autocomplete="{autocomplete}" autocapitalize="none" spellcheck="false" required{Marks(name, error, hint)}>
         {(hint is null ? null : Note($"{name}-hint", "soft", hint))}{(error is null ? null : Note($"{name}-error", "error", error))}
         """;

    /// <summary>Where a form of the account's pages leads, which stands at <c>.../name</c>, and again at <c>.../name/form</c> where something was wrong.</summary>
    public static string Action(HttpContext context, string name) => HttpMethods.IsPost(context.Request.Method) ? "form" : $"{name}/form";

    public static Page Expired() => Message(
        "This form is no longer valid", "It was open for too long, or another sign-in took its place. Nothing was changed. Go back, load the page again, and fill it in once more.",
        StatusCodes.Status400BadRequest);

    public static Page Overloaded(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Message(
            "Too many people are signing in", "Wait a few seconds, then go back and send the form again. Nothing was changed.", StatusCodes.Status503ServiceUnavailable);
    }

    public static Page TooManyRequests(HttpContext context, TimeSpan retryAfter)
    {
        context.RetryAfter(retryAfter);
        return Message(
            "Too many requests from your network",
            "Nothing was sent. Wait an hour, then send the form again.",
            StatusCodes.Status429TooManyRequests);
    }

    public static Page Message(string title, string text, int status = StatusCodes.Status200OK) => new(title, $"<p>{text}</p>", status);

    private static Html SecondClass => $""" class="second" """;

    private static Html Hidden(string name, string? value) => $"""<input type="hidden" name="{name}" value="{value}">""";

    private static Html Note(string id, string kind, string text) => $"""<p id="{id}" class="{kind}">{text}</p>""";

    private static Html? Marks(string name, string? error, string? hint) => (error, hint) switch
    {
        (null, null) => null,
        (null, _) => $""" aria-describedby="{name}-hint" """,
        (_, null) => $""" aria-invalid="true" aria-describedby="{name}-error" """,
        _ => $""" aria-invalid="true" aria-describedby="{name}-error {name}-hint" """,
    };
}
