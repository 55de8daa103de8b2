using Idoven.Identity.Clients;
using Idoven.Identity.Consents;
using Idoven.Identity.Pages;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>
/// The authorization endpoint, to which a client sends a user to sign in. OpenIddict has checked the client, its redirect URI, scopes and
/// code challenge; the endpoint determines who the user is and whether they consent. The forms of the pages contain the client's request,
/// which is checked again each time, so there is no return address that an attacker could change.
/// </summary>
internal static class AuthorizeEndpoint
{
    private const string Route = "/connect/authorize";

    public static void MapAuthorize(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, HandleForm).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(HttpContext context, [AsParameters] Services parts, CancellationToken ct)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } error)
        {
            return ClientRequest.RenderError(error);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var isSilent = request.HasPromptValue(PromptValues.None);
        var session = await BrowserSession.Read(context);
        var result = session is null ? null : await parts.SignIn.ResumeSession(session.Ticket, request.GetScopes(), ct);
        if (result is null or { Rejection: SignInRejection.InvalidGrant }
            || await MustSignIn(context, request, session!, parts.Clock.GetUtcNow()))
        {
            return isSilent
                ? TokenSchemes.Reject(Errors.LoginRequired, "The user has to sign in.")
                : SignInPage.Render(context, parts.Forms, await ReadFlow(context, parts, ct), request.LoginHint, error: null);
        }

        var consent = result.Holder is { } known
            ? await parts.Consents.Find(known.Id, request.ClientId!, request.GetScopes(), ct)
            : null;
        if (result.Holder is { } holder && (consent is null || request.HasPromptValue(PromptValues.Consent)))
        {
            session!.Bind(context);
            return isSilent
                ? TokenSchemes.Reject(Errors.ConsentRequired, "The user has not consented to this yet.")
                : ConsentPage.Render(context, parts.Forms, request, await FindClientName(parts, request, ct), holder.Username);
        }

        return TokenSchemes.Issue(parts.Access, result, request.ClientId!, request.GetScopes(), session!.SignedInAt, consent);
    }

    private static async Task<IResult> HandleForm(HttpContext context, [AsParameters] Services parts, CancellationToken ct) =>
        (context.GetOpenIddictServerResponse() is { Error: not null } ? null : context.Request.Form[HtmlForms.Answer].ToString()) switch
        {
            ConsentPage.Allow => await Decide(context, parts, isAllowed: true, ct),
            ConsentPage.Deny => await Decide(context, parts, isAllowed: false, ct),
            { } answer when SignInForms.Contain(answer) =>
                await SignInForms.Handle(context, parts, await ReadFlow(context, parts, ct), answer, ct),
            _ => await HandleRequest(context, parts, ct), // A client may send its request as a form.
        };

    private static async Task<IResult> Decide(HttpContext context, Services parts, bool isAllowed, CancellationToken ct)
    {
        var session = await BrowserSession.Read(context);
        session?.Bind(context);
        if (!await parts.Forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var request = context.GetOpenIddictServerRequest()!;
        if (!isAllowed)
        {
            if (session is not null)
            {
                await parts.Consents.Deny(session.Ticket.AccountId, request.ClientId!);
            }

            return TokenSchemes.Reject(Errors.AccessDenied, "The user denied the request.");
        }

        if (session is null
            || await parts.SignIn.ResumeSession(session.Ticket, request.GetScopes(), ct) is not { Holder: { } holder } result)
        {
            return await HandleRequest(context, parts, ct);
        }

        var consent = await parts.Consents.Grant(holder.Id, request.ClientId!, request.GetScopes(), ct);
        return TokenSchemes.Issue(parts.Access, result, request.ClientId!, request.GetScopes(), session.SignedInAt, consent);
    }

    /// <summary>Returns whether the client requests another user than the one that is signed in, or a new or stronger sign-in.</summary>
    private static async Task<bool> MustSignIn(HttpContext context, OpenIddictRequest request, BrowserSession session, DateTimeOffset now)
    {
        var hint = (await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal?.GetClaim(Claims.Subject);
        return request.HasPromptValue(PromptValues.Login)
            || request.HasPromptValue(PromptValues.SelectAccount)
            || (request.HasAcrValue(TokenClaims.SeveralFactors) && !session.Ticket.IsMultiFactor)
            || (request.MaxAge is { } seconds && now.ToUnixTimeSeconds() - session.SignedInAt >= seconds)
            || (hint is not null && hint != session.Ticket.AccountId.ToString());
    }

    private static async Task<SignInFlow> ReadFlow(HttpContext context, Services parts, CancellationToken ct)
    {
        var request = context.GetOpenIddictServerRequest()!;
        return SignInFlow.ForClient(request, await FindClientName(parts, request, ct));
    }

    private static async Task<string> FindClientName(Services parts, OpenIddictRequest request, CancellationToken ct) =>
        (await parts.Clients.Find(request.ClientId!, ct))?.ShownName ?? request.ClientId!;

    internal sealed record Services(
        SignInHandler SignIn, TwoFactorChallengeHandler TwoFactor, AllowDeviceHandler AllowDevice, EndSessionHandler EndSession,
        IConsents Consents, IClients Clients, HtmlForms Forms, DeviceCookie Devices, PublicAddress Address, AccessRules Access,
        TimeProvider Clock);
}
