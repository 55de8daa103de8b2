using Idoven.Identity.Accounts;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Recovery;

/// <summary>
/// The pages that replace a lost password: request a link, follow it, or use a recovery code. Opening a page does not use a token.
/// </summary>
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
        account.MapGet(
                Route,
                (HttpContext context, HtmlForms forms, string token = "") =>
                    token.Length == 0 ? AskForm(context, forms) : TokenForm(context, forms, token, new Errors()))
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapGet($"{Route}/code", (HttpContext context, HtmlForms forms) => CodeForm(context, forms, identifier: null, new Errors()))
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapPost($"{Route}/form", HandleForm).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleForm(HttpContext context, HtmlForms forms, RecoverHandler handler, CancellationToken ct)
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
                "Check your e-mail",
                "If there is an account with this name and a verified e-mail address, a link was sent there. It is valid for 30 minutes. "
                    + "To protect accounts, this page does not say whether there is one.");
        }

        var isByCode = sent[HtmlForms.Answer] == UseCode;
        if (password != sent[NewPassword.Repeated].ToString())
        {
            return ShowErrors(new Errors { Repeated = NewPassword.NotRepeated });
        }

        try
        {
            var isDone = isByCode
                ? await handler.WithCode(identifier, sent[Code].ToString(), password, ct)
                : await handler.WithToken(token, password, ct);
            return isDone
                ? HtmlForms.Message(
                    "Your password is changed",
                    isByCode
                        ? "You were signed out everywhere, and the other recovery codes are no longer valid: "
                            + "get new ones after you sign in with the new password."
                        : "You were signed out everywhere. You can close this page and sign in with the new password.")
                : isByCode ? ShowErrors(new Errors { Code = "This is not a valid code of this account." }) : NoToken();
        }
        catch (PasswordRuleException e)
        {
            return ShowErrors(new Errors { Password = e.Message });
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }

        Page ShowErrors(Errors errors) => isByCode
            ? CodeForm(context, forms, identifier, errors)
            : TokenForm(context, forms, token, errors);
    }

    private static Page AskForm(HttpContext context, HtmlForms forms) => new(
        "Recover your account",
        $"""
         <p>A link for choosing a new password will be sent to your verified e-mail address.</p>
         {forms.Render(context, HtmlForms.Action(context, Route), [],
             $"""
              {HtmlForms.Field(Identifier, "Username or e-mail address", "text", "username")}
              {HtmlForms.Button(Ask, "Send the link")}
              """)}
         <p class="soft"><a href="{Route}/code">Use a recovery code instead</a>. If you have neither, ask the operator of the service.</p>
         """);

    private static Page TokenForm(HttpContext context, HtmlForms forms, string token, Errors errors) => new(
        "Choose a new password",
        $"""
         <p>This signs you out everywhere.</p>
         {forms.Render(context, HtmlForms.Action(context, Route), [new(Token, token)],
             $"""
              {NewPassword.Fields(errors.Password, errors.Repeated)}
              {HtmlForms.Button(Choose, "Change the password")}
              """)}
         """,
        errors.Status);

    private static Page CodeForm(HttpContext context, HtmlForms forms, string? identifier, Errors errors) => new(
        "Use a recovery code",
        $"""
         <p>With a recovery code you can choose a new password. The other codes become invalid, and you are signed out everywhere.</p>
         <p class="soft">If your account has a second factor, you need its app to sign in afterwards: recovery codes do not replace both.
         If you do not have the app, ask the operator of the service.</p>
         {forms.Render(context, "form", [],
             $"""
              {HtmlForms.Field(Identifier, "Username or e-mail address", "text", "username", identifier)}
              {HtmlForms.Field(Code, "Recovery code", "text", "off", error: errors.Code)}
              {NewPassword.Fields(errors.Password, errors.Repeated)}
              {HtmlForms.Button(UseCode, "Change the password")}
              """)}
         """,
        errors.Status);

    private static Page NoToken() => HtmlForms.Message(
        "This link is no longer valid",
        "It was used, replaced by a newer one, has expired (a link is valid for 30 minutes), or is incomplete. "
            + "Request a new one on the sign-in page.",
        StatusCodes.Status400BadRequest);

    private sealed record Errors
    {
        public string? Code { get; init; }

        public string? Password { get; init; }

        public string? Repeated { get; init; }

        public int Status => (Code ?? Password ?? Repeated) is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
    }
}
