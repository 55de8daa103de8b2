using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.TwoFactor;

/// <summary>The pages between the right password and the completed sign-in: the code of the second factor, or its set-up.</summary>
internal static class TwoFactorChallengePage
{
    public const string Confirm = "second-step";
    public const string SetUp = "set-up";
    public const string Token = "step";
    public const string Code = "code";

    public const string Wrong =
        "This code is not valid: it is wrong, was used before, or came after too many wrong codes. Wait for the next code of the app.";

    public const string Expired = "The sign-in took too long, or too many codes were wrong. Sign in again.";

    public static (string Token, string Code) ReadForm(HttpContext context) =>
        (context.Request.Form[Token].ToString(), context.Request.Form[Code].ToString());

    public static Page AskForCode(HttpContext context, HtmlForms forms, SignInFlow flow, string token, string? error) => Render(
        "Two-factor sign-in", context, forms, flow, token, Confirm, "Continue",
        $"""
         <p>Enter the code that your authenticator app shows now.</p>
         <p class="soft">Without the app, enter one of your recovery codes. Each can be used once.</p>
         """,
        error);

    public static Page AskToSetUp(
        HttpContext context,
        HtmlForms forms,
        SignInFlow flow,
        string token,
        SecondFactorSecret secret,
        PublicAddress address,
        string? error) => Render(
        "Set up a second factor", context, forms, flow, token, SetUp, "Turn it on",
        $"""
         <p>Your account requires a second factor. You need an authenticator app, for example on your phone.</p>
         <p>Scan this code with the app, or <a href="{Uri(address, secret)}">open this link</a> on the device with the app,
         or enter the key for time-based codes:</p>
         <p>{QrCode.Render(Uri(address, secret))}</p>
         <p><code>{string.Join(' ', Base32.Encode(secret.Secret).Chunk(4).Select(group => new string(group)))}</code></p>
         <p>Then enter the code that the app shows.</p>
         """,
        error);

    /// <param name="next">The address with which the sign-in continues.</param>
    public static Page RecoveryCodes(IReadOnlyList<string> codes, string next) => new(
        "Keep these recovery codes",
        $"""
         <p>The second factor is on. If you lose the app, each of these codes can be used once to sign in, or to choose a new password.
         They are not shown again: write them down and keep them in a safe place.</p>
         <ul>
         {codes.Select(Item)}
         </ul>
         <p><a href="{next}">I have kept them: continue</a></p>
         """);

    private static Page Render(
        string title,
        HttpContext context,
        HtmlForms forms,
        SignInFlow flow,
        string token,
        string answer,
        string button,
        Html text,
        string? error) => new(
        title,
        $"""
         {text}
         {forms.Render(context, flow.Action, flow.Hidden.Append(new(Token, token)),
             $"""
              {HtmlForms.Field(Code, "Code", "text", "one-time-code", error: error)}
              {HtmlForms.Button(answer, button)}
              """)}
         """,
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        flow.FormTarget);

    private static string Uri(PublicAddress address, SecondFactorSecret secret) =>
        Totp.Uri(address.Root.Host, secret.Username, secret.Secret);

    private static Html Item(string code) => $"<li><code>{code}</code></li>";
}
