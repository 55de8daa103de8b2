using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.TwoFactor;

/// <summary>What stands between the right password and being signed in: the code of a second factor, or its set-up.</summary>
internal static class TwoFactorChallengePage
{
    public const string Confirm = "second-step";
    public const string SetUp = "set-up";
    public const string Step = "step";
    public const string Code = "code";

    public const string Wrong = "This code does not count: it is wrong, was used before, or came after too many wrong ones. Wait for the app's next one.";
    public const string Over = "The sign-in took too long, or too many codes were wrong. Begin again.";

    public static (string Token, string Code) Sent(HttpContext context) => (context.Request.Form[Step].ToString(), context.Request.Form[Code].ToString());

    public static Page AskForCode(HttpContext context, HtmlForms forms, SignInFlow flow, string token, string? error) => Render(
        "Is it you?", context, forms, flow, token, Confirm, "Continue",
        $"""
         <p>Type the code that your authenticator app shows now.</p>
         <p class="soft">Without the app, one of your recovery codes does: each is good once.</p>
         """,
        error);

    public static Page AskToSetUp(
        HttpContext context, HtmlForms forms, SignInFlow flow, string token, SecondFactorOffer offer, PublicAddress address, string? error) => Render(
        "Set up a second factor", context, forms, flow, token, SetUp, "Turn it on",
        $"""
         <p>Your account has to be protected by more than a password. You need an authenticator app, on your phone for example.</p>
         <p>Scan this code with the app; on the device itself <a href="{Uri(address, offer)}">open this link</a>; or type the key, for codes by time:</p>
         <p>{QrCode.Render(Uri(address, offer))}</p>
         <p><code>{string.Join(' ', Base32.Encode(offer.Secret).Chunk(4).Select(group => new string(group)))}</code></p>
         <p>Then type the code that the app shows.</p>
         """,
        error);

    /// <param name="next">Where the sign-in goes on.</param>
    public static Page RecoveryCodes(IReadOnlyList<string> codes, string next) => new(
        "Keep these recovery codes",
        $"""
         <p>The second factor is on. Without your app, each of these codes gets you in once, and gets you a new password. They are shown this once: write them down and keep them where nobody else is.</p>
         <ul>
         {codes.Select(Item)}
         </ul>
         <p><a href="{next}">I have kept them: continue</a></p>
         """);

    private static Page Render(
        string title, HttpContext context, HtmlForms forms, SignInFlow flow, string token, string answer, string button, Html text, string? error) => new(
        title,
        $"""
         {text}
         {forms.Render(context, flow.Action, flow.Hidden.Append(new(Step, token)),
             $"""
              {HtmlForms.Field(Code, "Code", "text", "one-time-code", error: error)}
              {HtmlForms.Button(answer, button)}
              """)}
         """,
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        flow.FormTarget);

    private static string Uri(PublicAddress address, SecondFactorOffer offer) => Totp.Uri(address.Root.Host, offer.Username, offer.Secret);

    private static Html Item(string code) => $"<li><code>{code}</code></li>";
}
