using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Accounts;

/// <summary>
/// The pages of the activation link. Opening the page does not use the token, because mail programs and chats fetch links for previews. The
/// token is in no log and no trace.
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
                ? HtmlForms.Message(
                    "Your account is ready", "You can close this page and sign in to your application with the new password.")
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

    private static Page Form(
        HttpContext context, HtmlForms forms, string token, string? passwordError = null, string? repeatedError = null) => new(
        "Choose your password",
        $"""
         <p>Keep it safe: the service cannot show it to you again.</p>
         {forms.Render(context, HtmlForms.Action(context, "activate"), [new(Token, token)],
             $"""
              {NewPassword.Fields(passwordError, repeatedError)}
              {HtmlForms.Button(Choose, "Activate the account")}
              """)}
         """,
        passwordError is null && repeatedError is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static Page NoToken(EarlierActivation? earlier) => HtmlForms.Message(
        "This link is no longer valid",
        earlier is null
            ? "It was used, replaced by a newer one, has expired (a link is valid for 72 hours), or is incomplete. "
                + "If you cannot use the account yet, ask the administrator that registered you for a new link."
            : $"{earlier} If that was you, sign in with the password that you chose. If not, another person has chosen the password: "
                + "do not use the account, and tell the administrator that registered you.",
        StatusCodes.Status400BadRequest);
}
