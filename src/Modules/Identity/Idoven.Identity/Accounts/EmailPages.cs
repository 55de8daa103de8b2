using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Accounts;

/// <summary>The pages of the link that verifies an e-mail address. Opening the page does not use the token.</summary>
internal static class EmailPages
{
    private const string Token = "token";
    private const string Password = "password";
    private const string Verify = "verify";

    public static void MapEmailPages(this IEndpointRouteBuilder account)
    {
        account.MapGet(
                "email",
                (HttpContext context, HtmlForms forms, string token = "") =>
                    token.Length == 0 ? NoToken() : Form(context, forms, token, error: null))
            .AllowAnonymous()
            .ExcludeFromDescription();
        account.MapPost("email/form", Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Answer(HttpContext context, HtmlForms forms, VerifyEmailHandler handler, CancellationToken ct)
    {
        if (!context.Request.HasFormContentType || !await forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var sent = await context.Request.ReadFormAsync(ct);
        var token = sent[Token].ToString();
        try
        {
            return await handler.Handle(token, sent[Password].ToString(), ct) switch
            {
                EmailVerification.Done => HtmlForms.Message(
                    "Your e-mail address is verified", "You can now sign in with it. You can close this page."),
                EmailVerification.WrongPassword => Form(context, forms, token, "The password is wrong."),
                _ => NoToken(),
            };
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }
    }

    private static Page Form(HttpContext context, HtmlForms forms, string token, string? error) => new(
        "Verify your e-mail address",
        $"""
         <p>Enter the password of the account that the e-mail names. Then you can use the address to sign in and to recover
         your account.</p>
         {forms.Render(context, HtmlForms.Action(context, "email"), [new(Token, token)],
             $"""
              {HtmlForms.Field(Password, "Password", "password", "current-password", error: error)}
              {HtmlForms.Button(Verify, "Verify the address")}
              """)}
         <p class="soft">If the account is not yours, close this page. Nothing is changed.</p>
         """,
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static Page NoToken() => HtmlForms.Message(
        "This link is no longer valid",
        "It was used, replaced by a newer one, has expired (a link is valid for 24 hours), or is incomplete. "
            + "Request a new link in your application.",
        StatusCodes.Status400BadRequest);
}
