using Idoven.Identity.Accounts;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Recovery;

/// <summary>The ways back of who has lost the password: ask for a link, follow it, or use a recovery code. Looking at a page uses up nothing.</summary>
internal static class RecoveryPages
{
    private const string Route = "recovery";
    private const string Token = "token";
    private const string Identifier = "identifier";
    private const string Code = "code";
    private const string Ask = "ask";
    private const string Choose = "choose";
    private const string UseCode = "use-code";

    public static void MapRecoveryPages(this IEndpointRouteBuilder account)
    {
        account.MapGet(Route, (HttpContext context, HtmlForms forms, string token = "") => token.Length == 0 ? AskForm(context, forms) : TokenForm(context, forms, token, new Errors()))
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapGet($"{Route}/code", (HttpContext context, HtmlForms forms) => CodeForm(context, forms, identifier: null, new Errors()))
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapPost($"{Route}/form", Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Answer(HttpContext context, HtmlForms forms, RecoverHandler handler, CancellationToken ct)
    {
        if (!context.Request.HasFormContentType || !await forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var sent = await context.Request.ReadFormAsync(ct);
        var (token, identifier, password) = (sent[Token].ToString(), sent[Identifier].ToString(), sent[NewPassword.Password].ToString());
        if (sent[HtmlForms.Answer] == Ask)
        {
            var wait = await handler.RequestRecovery(identifier, ct);
            return wait > TimeSpan.Zero ? HtmlForms.TooManyRequests(context, wait) : HtmlForms.Message(
                "Look into your mail",
                "If there is an account of this name with a verified e-mail address, a link is on its way there. It lives 30 minutes. Whether there is one, this page says to nobody.");
        }

        var isByCode = sent[HtmlForms.Answer] == UseCode;
        if (password != sent[NewPassword.Repeated].ToString())
        {
            return Again(new Errors { Repeated = NewPassword.NotRepeated });
        }

        try
        {
            var isDone = isByCode ? await handler.WithCode(identifier, sent[Code].ToString(), password, ct) : await handler.WithToken(token, password, ct);
            return isDone
                ? HtmlForms.Message(
                    "Your password is another now",
                    isByCode
                        ? "Every sign-in was ended, and the other recovery codes are not valid any more: get new ones once you have signed in with the new password."
                        : "Every sign-in was ended. You may close this page and sign in with the new password.")
                : isByCode ? Again(new Errors { Code = "This is not a code of this account that still counts." }) : NoToken();
        }
        catch (PasswordRuleException e)
        {
            return Again(new Errors { Password = e.Message });
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }

        Page Again(Errors errors) => isByCode ? CodeForm(context, forms, identifier, errors) : TokenForm(context, forms, token, errors);
    }

    private static Page AskForm(HttpContext context, HtmlForms forms) => new(
        "Get back into your account",
        $"""
         <p>A link to choose a new password is sent to your verified e-mail address.</p>
         {forms.Render(context, HtmlForms.Action(context, Route), [],
             $"""
              {HtmlForms.Field(Identifier, "Username or e-mail address", "text", "username")}
              {HtmlForms.Button(Ask, "Send the link")}
              """)}
         <p class="soft"><a href="{Route}/code">Use a recovery code instead</a>. Without either, turn to whoever runs the service.</p>
         """);

    private static Page TokenForm(HttpContext context, HtmlForms forms, string token, Errors errors) => new(
        "Choose a new password",
        $"""
         <p>Every sign-in of your account ends with this.</p>
         {forms.Render(context, HtmlForms.Action(context, Route), [new(Token, token)], $"{NewPassword.Fields(errors.Password, errors.Repeated)}{HtmlForms.Button(Choose, "Choose it")}")}
         """,
        errors.Status);

    private static Page CodeForm(HttpContext context, HtmlForms forms, string? identifier, Errors errors) => new(
        "Use a recovery code",
        $"""
         <p>One of the codes that you kept gets you a new password. The other codes and every sign-in of your account end with this.</p>
         <p class="soft">If your account has a second factor, you need its app to sign in afterwards: recovery codes do not replace both. If you do not have the app, ask the operator of the service.</p>
         {forms.Render(context, "form", [],
             $"""
              {HtmlForms.Field(Identifier, "Username or e-mail address", "text", "username", identifier)}
              {HtmlForms.Field(Code, "Recovery code", "text", "off", error: errors.Code)}
              {NewPassword.Fields(errors.Password, errors.Repeated)}
              {HtmlForms.Button(UseCode, "Choose the password")}
              """)}
         """,
        errors.Status);

    private static Page NoToken() => HtmlForms.Message(
        "This link does not count any more",
        "It was used, replaced by a newer one, is over (a link lives 30 minutes), or is not whole. Ask for a new one where you sign in.",
        StatusCodes.Status400BadRequest);

    private sealed record Errors
    {
        public string? Code { get; init; }

        public string? Password { get; init; }

        public string? Repeated { get; init; }

        public int Status => (Code ?? Password ?? Repeated) is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
    }
}
