using Idoven.Identity.Clients;
using Idoven.Identity.Consents;
using Idoven.Identity.Pages;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>
/// A user allows a device that shows a code (RFC 8628). Only a user that is signed in learns whether a code exists, and not after many
/// wrong codes. The device gets a session of its own: it stays connected when the browser signs out, and its session is ended separately.
/// </summary>
internal static class VerifyEndpoint
{
    private const string Route = "/connect/verify";
    private const string DoneRoute = "/connect/verified";

    public static void MapVerify(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, HandleForm).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(DoneRoute, (string? answer) => DevicePages.RenderResult(answer == ConsentPage.Allow))
            .AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(
        HttpContext context, [AsParameters] AuthorizeEndpoint.Services parts, IFailedAttempts attempts, CancellationToken ct)
    {
        var code = context.GetOpenIddictServerRequest()?.UserCode;
        var session = await BrowserSession.Read(context);
        if (session is null || (await parts.SignIn.ResumeSession(session.Ticket, [], ct)).Holder is not { } holder)
        {
            return SignInPage.Render(context, parts.Forms, SignInFlow.ForDevice(code), username: null, error: null);
        }

        session.Bind(context);
        if (string.IsNullOrEmpty(code) || IsFromAnotherSite(context))
        {
            return DevicePages.RenderCodeForm(context, parts.Forms, typed: code, error: null);
        }

        var (device, rejection) = await FindDevice(context, parts, attempts, session.Ticket, code, ct);
        return rejection ?? DevicePages.RenderConsent(context, parts.Forms, device!.UserCode, device.Name, device.Scopes, holder.Username);
    }

    /// <summary>
    /// Returns whether a page of another site may have led here. Its code is filled in and not looked up, so that another site cannot cause
    /// failed attempts of a user. Browsers that do not send the header (W3C Fetch Metadata) are treated in the same way.
    /// </summary>
    private static bool IsFromAnotherSite(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("none" or "same-origin");

    /// <summary>Returns the device that shows the code, or the page for an invalid code.</summary>
    private static async Task<(Device? Device, IResult? Rejection)> FindDevice(
        HttpContext context, AuthorizeEndpoint.Services parts, IFailedAttempts attempts, SessionTicket browser, string? code,
        CancellationToken ct)
    {
        if (!await attempts.CountUserCode(browser.AccountId, ct))
        {
            return (null, DevicePages.RenderTooManyCodes(context));
        }

        if (await Device.Read(context, parts.Clients, ct) is { } device)
        {
            await attempts.ForgetUserCode(browser.AccountId, ct);
            return (device, null);
        }

        await parts.AllowDevice.RecordUnknownCode(browser);
        const string error = "The code is wrong or expired: type the code that the device shows now.";
        return (null, DevicePages.RenderCodeForm(context, parts.Forms, code, error, StatusCodes.Status400BadRequest));
    }

    private static Task<IResult> HandleForm(
        HttpContext context, [AsParameters] AuthorizeEndpoint.Services parts, IFailedAttempts attempts, CancellationToken ct) =>
        (context.Request.HasFormContentType ? context.Request.Form[HtmlForms.Answer].ToString() : "") switch
        {
            ConsentPage.Allow => Decide(context, parts, attempts, isAllowed: true, ct),
            ConsentPage.Deny => Decide(context, parts, attempts, isAllowed: false, ct),
            var answer when SignInForms.Contain(answer) =>
                SignInForms.Handle(context, parts, SignInFlow.ForDevice(context.GetOpenIddictServerRequest()?.UserCode), answer, ct),
            _ => HandleRequest(context, parts, attempts, ct),
        };

    private static async Task<IResult> Decide(
        HttpContext context, AuthorizeEndpoint.Services parts, IFailedAttempts attempts, bool isAllowed, CancellationToken ct)
    {
        var session = await BrowserSession.Read(context);
        session?.Bind(context);
        if (!await parts.Forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        // A user whose session has ended has to sign in again.
        if (session is null || (await parts.SignIn.ResumeSession(session.Ticket, [], ct)).Holder is null)
        {
            return await HandleRequest(context, parts, attempts, ct);
        }

        var code = context.GetOpenIddictServerRequest()?.UserCode;
        var (device, rejection) = await FindDevice(context, parts, attempts, session.Ticket, code, ct);
        if (device is null)
        {
            return rejection!;
        }

        if (!isAllowed)
        {
            parts.AllowDevice.Deny(session.Ticket, device.ClientId);
            var error = TokenSchemes.CreateError(Errors.AccessDenied, "The user denied the request.");
            return Results.Forbid(RedirectToResult(context, ConsentPage.Deny, error), [TokenSchemes.Scheme]);
        }

        var (result, consent) = await parts.AllowDevice.Handle(session.Ticket, device.ClientId, device.Scopes, ct);
        return result.Rejection switch
        {
            null => TokenSchemes.Issue(
                parts.Access, result, device.ClientId, [.. device.Scopes], session.SignedInAt, consent,
                RedirectToResult(context, ConsentPage.Allow)),
            SignInRejection.InvalidScope => DevicePages.RenderScopeNotAllowed(device.Name),
            _ => await HandleRequest(context, parts, attempts, ct),
        };
    }

    private static AuthenticationProperties RedirectToResult(
        HttpContext context, string answer, AuthenticationProperties? properties = null)
    {
        properties ??= new AuthenticationProperties();
        properties.RedirectUri = $"{context.Request.PathBase}{DoneRoute}?{HtmlForms.Answer}={answer}";
        return properties;
    }

    /// <summary>Represents a device that waits for the user's decision.</summary>
    private sealed record Device(string UserCode, string ClientId, string Name, IReadOnlyList<string> Scopes)
    {
        /// <returns>Null if the request has no valid code, or if the client of the code was deleted or disabled.</returns>
        public static async Task<Device?> Read(HttpContext context, IClients clients, CancellationToken ct) =>
            await context.AuthenticateAsync(TokenSchemes.Scheme) is { Principal: { } principal } code
            && principal.GetClaim(Claims.ClientId) is { } id
            && await clients.Find(id, ct) is { IsEnabled: true } client
                ? new Device(code.Properties?.GetTokenValue(TokenSchemes.UserCode) ?? "", id, client.ShownName, principal.GetScopes())
                : null;
    }
}
