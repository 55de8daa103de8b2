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
/// A person allows a device that shows a code (RFC 8628). Whether there is such a code is said to people who are signed in only, and to nobody
/// who tries many. The device gets a session of its own: it stays connected when the browser signs out, and is ended by itself.
/// </summary>
internal static class VerifyEndpoint
{
    private const string Route = "/connect/verify";
    private const string DoneRoute = "/connect/verified";

    public static void MapVerify(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, Answer).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(DoneRoute, (string? answer) => DevicePages.Done(answer == ConsentPage.Allow)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(HttpContext context, [AsParameters] AuthorizeEndpoint.Services parts, IFailedAttempts guesses, CancellationToken ct)
    {
        var code = context.GetOpenIddictServerRequest()?.UserCode;
        var session = await BrowserSession.Read(context);
        if (session is null || (await parts.SignIn.ResumeSession(session.Ticket, [], ct)).Holder is not { } holder)
        {
            return SignInPage.Render(context, parts.Forms, SignInPlace.OfDevice(code), username: null, error: null);
        }

        session.Bind(context);
        if (string.IsNullOrEmpty(code) || IsFromAnotherSite(context))
        {
            return DevicePages.Code(context, parts.Forms, typed: code, error: null);
        }

        var (device, refusal) = await Find(context, parts, guesses, session.Ticket, code, ct);
        return refusal ?? DevicePages.Ask(context, parts.Forms, device!.UserCode, device.Name, device.Scopes, holder.Username);
    }

    /// <summary>
    /// Returns whether a page of another site may have led here. Its code is filled in and not looked up, so that no other site counts
    /// wrong codes of a person. Browsers that do not send the header (W3C Fetch Metadata) are treated alike.
    /// </summary>
    private static bool IsFromAnotherSite(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("none" or "same-origin");

    /// <summary>What waits behind the code, or the page that says why nothing does.</summary>
    private static async Task<(Device? Device, IResult? Refusal)> Find(
        HttpContext context, AuthorizeEndpoint.Services parts, IFailedAttempts guesses, SessionTicket browser, string? code, CancellationToken ct)
    {
        if (!await guesses.CountUserCode(browser.AccountId, ct))
        {
            return (null, DevicePages.TooManyCodes(context));
        }

        if (await Device.Read(context, parts.Clients, ct) is { } device)
        {
            await guesses.ForgetUserCode(browser.AccountId, ct);
            return (device, null);
        }

        await parts.AllowDevice.MissCode(browser);
        return (null, DevicePages.Code(context, parts.Forms, code, "There is no such code, or it is over: look at what the device shows now.", StatusCodes.Status400BadRequest));
    }

    private static Task<IResult> Answer(HttpContext context, [AsParameters] AuthorizeEndpoint.Services parts, IFailedAttempts guesses, CancellationToken ct) =>
        (context.Request.HasFormContentType ? context.Request.Form[HtmlForms.Answer].ToString() : "") switch
        {
            ConsentPage.Allow => Decide(context, parts, guesses, isAllowed: true, ct),
            ConsentPage.Deny => Decide(context, parts, guesses, isAllowed: false, ct),
            var answer when SignInForms.Are(answer) =>
                SignInForms.Handle(context, parts, SignInPlace.OfDevice(context.GetOpenIddictServerRequest()?.UserCode), answer, ct),
            _ => HandleRequest(context, parts, guesses, ct),
        };

    private static async Task<IResult> Decide(HttpContext context, AuthorizeEndpoint.Services parts, IFailedAttempts guesses, bool isAllowed, CancellationToken ct)
    {
        var session = await BrowserSession.Read(context);
        session?.Bind(context);
        if (!await parts.Forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        // Who is not signed in any more is asked to be, on the page before.
        if (session is null || (await parts.SignIn.ResumeSession(session.Ticket, [], ct)).Holder is null)
        {
            return await HandleRequest(context, parts, guesses, ct);
        }

        var (device, refusal) = await Find(context, parts, guesses, session.Ticket, context.GetOpenIddictServerRequest()?.UserCode, ct);
        if (device is null)
        {
            return refusal!;
        }

        if (!isAllowed)
        {
            parts.AllowDevice.Deny(session.Ticket, device.ClientId);
            return Results.Forbid(Then(context, ConsentPage.Deny, TokenSchemes.Reason(Errors.AccessDenied, "The person did not allow it.")), [TokenSchemes.Scheme]);
        }

        var (result, consent) = await parts.AllowDevice.Handle(session.Ticket, device.ClientId, device.Scopes, ct);
        return result.Refusal switch
        {
            null => TokenSchemes.Issue(parts.Access, result, device.ClientId, [.. device.Scopes], session.SignedInAt, consent, Then(context, ConsentPage.Allow)),
            SignInRejection.InvalidScope => DevicePages.NotOfRole(device.Name),
            _ => await HandleRequest(context, parts, guesses, ct),
        };
    }

    private static AuthenticationProperties Then(HttpContext context, string answer, AuthenticationProperties? properties = null)
    {
        properties ??= new AuthenticationProperties();
        properties.RedirectUri = $"{context.Request.PathBase}{DoneRoute}?{HtmlForms.Answer}={answer}";
        return properties;
    }

    /// <summary>What waits behind a code.</summary>
    private sealed record Device(string UserCode, string ClientId, string Name, IReadOnlyList<string> Scopes)
    {
        /// <returns>Null where the request's code is none, or over, or its client is.</returns>
        public static async Task<Device?> Read(HttpContext context, IClients clients, CancellationToken ct) =>
            await context.AuthenticateAsync(TokenSchemes.Scheme) is { Principal: { } principal } code
            && principal.GetClaim(Claims.ClientId) is { } id
            && await clients.Find(id, ct) is { IsEnabled: true } client
                ? new Device(code.Properties?.GetTokenValue(TokenSchemes.UserCode) ?? "", id, client.ShownName, principal.GetScopes())
                : null;
    }
}
