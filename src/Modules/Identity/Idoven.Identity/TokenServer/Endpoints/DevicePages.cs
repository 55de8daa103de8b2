using Idoven.Identity.Consents;
using Idoven.Identity.Pages;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>The pages on which a user connects a device.</summary>
internal static class DevicePages
{
    public const string Continue = "continue";

    public static Page RenderCodeForm(
        HttpContext context, HtmlForms forms, string? typed, string? error, int status = StatusCodes.Status200OK) => new(
        "Connect a device",
        $"""
         <p>The device shows a code of eight letters.</p>
         {forms.Render(context, "verify", [],
             $"""
              {HtmlForms.Field(
                  OpenIddictConstants.Parameters.UserCode, "Code", "text", "off", typed, error,
                  "Lower or upper case, with or without the dash.")}
              {HtmlForms.Button(Continue, "Continue")}
              """)}
         """,
        status);

    public static Page RenderConsent(
        HttpContext context, HtmlForms forms, string userCode, string client, IEnumerable<string> scopes, string username) => new(
        $"Connect {client}?",
        $"""
         <p>You are signed in as <strong>{username}</strong>. A device of <strong>{client}</strong> asks to:</p>
         <ul>
         {scopes.Order(StringComparer.Ordinal).Select(ConsentPage.RenderScope)}
         </ul>
         <p>Allow it only if the device is in front of you and shows <strong>{userCode}</strong>. Do not allow it if another person sent
         you the code, or a link with it: that person could act in your name.</p>
         {forms.Render(context, "verify", [KeyValuePair.Create(OpenIddictConstants.Parameters.UserCode, (string?)userCode)],
             $"{HtmlForms.Button(ConsentPage.Allow, "Allow")}{HtmlForms.Button(ConsentPage.Deny, "Do not allow", isSecond: true)}")}
         """);

    public static Page RenderResult(bool isAllowed) => isAllowed
        ? HtmlForms.Message(
            "The device is connected",
            "It continues in a few seconds. You may close this page. Your sign-ins list the device, and you can end its sign-in there.")
        : HtmlForms.Message("The device was not connected", "It shows this in a few seconds. You may close this page.");

    public static Page RenderScopeNotAllowed(string client) => HtmlForms.Message(
        "This cannot be allowed",
        $"{client} asks for access that your account does not have. Sign in with an account that has it, "
            + "or tell the operator of the device.",
        StatusCodes.Status403Forbidden);

    public static Page RenderTooManyCodes(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "60";
        return HtmlForms.Message(
            "Too many wrong codes", "Wait a minute, then type the code that the device shows now.",
            StatusCodes.Status429TooManyRequests);
    }
}
