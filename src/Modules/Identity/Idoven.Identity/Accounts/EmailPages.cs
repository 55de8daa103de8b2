using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Accounts;

/// <summary>Where the link leads that verifies an e-mail address. Looking at the page uses up nothing.</summary>
internal static class EmailPages
{
    private const string Token = "token";
    private const string Password = "password";
    private const string Verify = "verify";

    public static void MapEmailPages(this IEndpointRouteBuilder account)
    {
        account.MapGet("email", (HttpContext context, HtmlForms forms, string token = "") => token.Length == 0 ? NoToken() : Form(context, forms, token, error: null))
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
                EmailVerification.Done => HtmlForms.Message("Your e-mail address is verified", "You can sign in with it from now. You may close this page."),
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
        "Is this address yours?",
        $"""
         <p>Type the password of the account that the e-mail names. From then on you can sign in with the address, and get a new password by it.</p>
         {forms.Render(context, HtmlForms.Action(context, "email"), [new(Token, token)],
             $"""
              {HtmlForms.Field(Password, "Password", "password", "current-password", error: error)}
              {HtmlForms.Button(Verify, "Yes, it is mine")}
              """)}
         <p class="soft">If the account is not yours, close this page: nothing happens.</p>
         """,
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static Page NoToken() => HtmlForms.Message(
        "This link does not count any more",
        "It was used, replaced by a newer one, is over (a link lives 24 hours), or is not whole. Your application can have a new one sent.",
        StatusCodes.Status400BadRequest);
}
