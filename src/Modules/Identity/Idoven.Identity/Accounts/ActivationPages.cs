using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Where the link leads that a new user is handed: looking at the page uses up nothing, so whoever previews links may. The token is in no log
/// and no trace.
/// </summary>
internal static class ActivationPages
{
    private const string Token = "token";
    private const string Choose = "choose";

    public static void MapActivationPages(this IEndpointRouteBuilder account)
    {
        account.MapGet("activate", Show)
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapPost("activate/form", Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Show(
        HttpContext context, HtmlForms forms, ActivateAccountHandler handler, CancellationToken ct, string token = "")
    {
        var earlier = token.Length == 0 ? null : await handler.FindEarlier(token, ct);
        return token.Length == 0 || earlier is not null ? NoToken(earlier) : Form(context, forms, token);
    }

    private static async Task<IResult> Answer(HttpContext context, HtmlForms forms, ActivateAccountHandler handler, CancellationToken ct)
    {
        if (!context.Request.HasFormContentType || !await forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var sent = await context.Request.ReadFormAsync(ct);
        var (token, password) = (sent[Token].ToString(), sent[NewPassword.Password].ToString());
        if (password != sent[NewPassword.Repeated].ToString())
        {
            return Form(context, forms, token, repeatedError: NewPassword.NotRepeated);
        }

        try
        {
            return await handler.Handle(token, password, ct)
                ? HtmlForms.Message("Your account is ready", "The password is yours alone from now. You may close this page and sign in where you want to use the account.")
                : NoToken(await handler.FindEarlier(token, ct));
        }
        catch (PasswordRuleException e)
        {
            return Form(context, forms, token, e.Message);
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }
    }

    private static Page Form(HttpContext context, HtmlForms forms, string token, string? passwordError = null, string? repeatedError = null) => new(
        "Choose your password",
        $"""
         <p>Nobody else knows it, and nobody can look it up: keep it well.</p>
         {forms.Render(context, HtmlForms.Action(context, "activate"), [new(Token, token)],
             $"""
              {NewPassword.Fields(passwordError, repeatedError)}
              {HtmlForms.Button(Choose, "Activate the account")}
              """)}
         """,
        passwordError is null && repeatedError is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static Page NoToken(EarlierActivation? earlier) => HtmlForms.Message(
        "This link does not count any more",
        earlier is null
            ? "It was used, replaced by a newer one, has expired (a link is valid for 72 hours), or is not whole. "
                + "If you cannot use the account yet, ask the administrator that registered you for a new link."
            : $"{earlier} If that was you, sign in with the password that you chose. If it was not, another person knows it: "
                + "do not use the account, and tell the administrator that registered you.",
        StatusCodes.Status400BadRequest);
}
