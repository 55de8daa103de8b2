using Idoven.Identity.Consents;
using Idoven.Identity.Pages;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>What a person sees who connects a device.</summary>
internal static class DevicePages
{
    public const string Continue = "continue";

    public static Page Code(HttpContext context, HtmlForms forms, string? typed, string? error, int status = StatusCodes.Status200OK) => new(
        "Connect a device",
        $"""
         <p>The device shows a code of eight letters.</p>
         {forms.Render(context, "verify", [],
             $"""
              {HtmlForms.Field(OpenIddictConstants.Parameters.UserCode, "Code", "text", "off", typed, error, "Small or capital letters, with or without the dash.")}
              {HtmlForms.Button(Continue, "Continue")}
              """)}
         """,
        status);

    public static Page Ask(HttpContext context, HtmlForms forms, string userCode, string client, IEnumerable<string> scopes, string username) => new(
        $"Connect {client}?",
        $"""
         <p>You are signed in as <strong>{username}</strong>. A device of <strong>{client}</strong> asks to:</p>
         <ul>
         {scopes.Order(StringComparer.Ordinal).Select(ConsentPage.InWords)}
         </ul>
         <p>Allow it only if the device is in front of you and shows <strong>{userCode}</strong>. If somebody sent you the code, or a link with it, do not: they would act in your name.</p>
         {forms.Render(context, "verify", [KeyValuePair.Create(OpenIddictConstants.Parameters.UserCode, (string?)userCode)],
             $"{HtmlForms.Button(ConsentPage.Allow, "Allow")}{HtmlForms.Button(ConsentPage.Deny, "Do not allow", isSecond: true)}")}
         """);

    public static Page Done(bool isAllowed) => isAllowed
        ? HtmlForms.Message("The device is connected", "It goes on by itself in a few seconds. You may close this page; your sign-ins list the device, and end it.")
        : HtmlForms.Message("The device was not connected", "It is told so. You may close this page.");

    public static Page NotOfRole(string client) => HtmlForms.Message(
        "This cannot be allowed", $"{client} asks for what your account does not have. Sign in as somebody who has it, or tell whoever runs the device.", StatusCodes.Status403Forbidden);

    public static Page TooManyCodes(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "60";
        return HtmlForms.Message("Too many wrong codes", "Wait a minute, then type the code that the device shows now.", StatusCodes.Status429TooManyRequests);
    }
}
