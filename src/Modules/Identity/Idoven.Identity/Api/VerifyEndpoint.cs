using Idoven.Identity.Api.Pages;
using Idoven.Identity.Application;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Api;

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
        app.MapGet(Route, Ask).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, Answer).AllowAnonymous().ExcludeFromDescription();
        app.MapGet(DoneRoute, (string? answer) => DevicePages.Done(answer == ConsentPage.Allow)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Ask(HttpContext context, [AsParameters] AuthorizeEndpoint.Parts parts, WrongUserCodes wrongCodes, CancellationToken ct)
    {
        var code = context.GetOpenIddictServerRequest()?.UserCode;
        var session = await BrowserSession.Read(context);
        if (session is null || (await parts.SignIn.Again(session.Ticket, [], ct)).Holder is not { } holder)
        {
            return SignInPage.Of(context, parts.Forms, SignInPlace.OfDevice(code), username: null, error: null);
        }

        session.Bind(context);
        if (string.IsNullOrEmpty(code))
        {
            return DevicePages.Code(context, parts.Forms, typed: null, error: null);
        }

        if (!wrongCodes.MayTry(holder.Id))
        {
            return DevicePages.TooManyCodes(context);
        }

        if (await Device.Of(context, parts.Clients, ct) is not { } device)
        {
            wrongCodes.Count(holder.Id);
            await parts.AllowDevice.MissCode(session.Ticket);
            return DevicePages.Code(context, parts.Forms, code, "There is no such code, or it is over: look at what the device shows now.", StatusCodes.Status400BadRequest);
        }

        return DevicePages.Ask(context, parts.Forms, device.UserCode, device.Name, device.Scopes, holder.Username);
    }

    private static Task<IResult> Answer(HttpContext context, [AsParameters] AuthorizeEndpoint.Parts parts, WrongUserCodes wrongCodes, CancellationToken ct) =>
        (context.Request.HasFormContentType ? context.Request.Form[Forms.Answer].ToString() : "") switch
        {
            ConsentPage.Allow => Decide(context, parts, wrongCodes, isAllowed: true, ct),
            ConsentPage.Deny => Decide(context, parts, wrongCodes, isAllowed: false, ct),
            var answer when SignInForms.Are(answer) =>
                SignInForms.Handle(context, parts, SignInPlace.OfDevice(context.GetOpenIddictServerRequest()?.UserCode), answer, ct),
            _ => Ask(context, parts, wrongCodes, ct),
        };

    private static async Task<IResult> Decide(HttpContext context, AuthorizeEndpoint.Parts parts, WrongUserCodes wrongCodes, bool isAllowed, CancellationToken ct)
    {
        var session = await BrowserSession.Read(context);
        session?.Bind(context);
        if (!await parts.Forms.IsOurs(context))
        {
            return Forms.Expired();
        }

        // Whatever is not as it was when the page was made is said on the page before.
        if (session is null || !wrongCodes.MayTry(session.Ticket.AccountId) || await Device.Of(context, parts.Clients, ct) is not { } device)
        {
            return await Ask(context, parts, wrongCodes, ct);
        }

        if (!isAllowed)
        {
            parts.AllowDevice.Deny(session.Ticket, device.ClientId);
            return Results.Forbid(Then(context, ConsentPage.Deny, Tokens.Reason(Errors.AccessDenied, "The person did not allow it.")), [Tokens.Scheme]);
        }

        var (result, consent) = await parts.AllowDevice.Handle(session.Ticket, device.ClientId, device.Scopes, ct);
        return result.Refusal switch
        {
            null => Tokens.Issue(result, device.ClientId, [.. device.Scopes], session.SignedInAt, consent, Then(context, ConsentPage.Allow)),
            SignInRefusal.InvalidScope => DevicePages.NotOfRole(device.Name),
            _ => await Ask(context, parts, wrongCodes, ct),
        };
    }

    private static AuthenticationProperties Then(HttpContext context, string answer, AuthenticationProperties? properties = null)
    {
        properties ??= new AuthenticationProperties();
        properties.RedirectUri = $"{context.Request.PathBase}{DoneRoute}?{Forms.Answer}={answer}";
        return properties;
    }

    /// <summary>What waits behind a code.</summary>
    private sealed record Device(string UserCode, string ClientId, string Name, IReadOnlyList<string> Scopes)
    {
        /// <returns>Null where the request's code is none, or over, or its client is.</returns>
        public static async Task<Device?> Of(HttpContext context, IClients clients, CancellationToken ct) =>
            await context.AuthenticateAsync(Tokens.Scheme) is { Principal: { } principal } code
            && principal.GetClaim(Claims.ClientId) is { } id
            && await clients.Find(id, ct) is { IsEnabled: true } client
                ? new Device(code.Properties?.GetTokenValue(Tokens.UserCode) ?? "", id, client.Registration.Name, principal.GetScopes())
                : null;
    }
}
