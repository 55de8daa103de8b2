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
/// A client sends a person here to be signed in. OpenIddict has checked the client, its redirect URI, scopes and code challenge; what is left is
/// who the person is and whether they allow it. The pages carry the client's request in their forms and it is checked anew each time: there
/// is no address to return to that anybody could alter.
/// </summary>
internal static class AuthorizeEndpoint
{
    private const string Route = "/connect/authorize";

    public static void MapAuthorize(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, HandleAnswer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(HttpContext context, [AsParameters] Services parts, CancellationToken ct)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } refusal)
        {
            return ClientRequest.Refused(refusal);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var isSilent = request.HasPromptValue(PromptValues.None);
        var session = await BrowserSession.Read(context);
        var result = session is null ? null : await parts.SignIn.ResumeSession(session.Ticket, request.GetScopes(), ct);
        if (result is null or { Refusal: SignInRejection.InvalidGrant } || await MustSignIn(context, request, session!, parts.Clock.GetUtcNow()))
        {
            return isSilent
                ? TokenSchemes.Refuse(Errors.LoginRequired, "Nobody is signed in who would do.")
                : SignInPage.Render(context, parts.Forms, await Place(context, parts, ct), request.LoginHint, error: null);
        }

        var consent = result.Holder is { } known ? await parts.Consents.Find(known.Id, request.ClientId!, request.GetScopes(), ct) : null;
        if (result.Holder is { } holder && (consent is null || request.HasPromptValue(PromptValues.Consent)))
        {
            session!.Bind(context);
            return isSilent
                ? TokenSchemes.Refuse(Errors.ConsentRequired, "The person has not allowed this yet.")
                : ConsentPage.Render(context, parts.Forms, request, await Name(parts, request, ct), holder.Username);
        }

        return TokenSchemes.Issue(parts.Access, result, request.ClientId!, request.GetScopes(), session!.SignedInAt, consent);
    }

    private static async Task<IResult> HandleAnswer(HttpContext context, [AsParameters] Services parts, CancellationToken ct) =>
        (context.GetOpenIddictServerResponse() is { Error: not null } ? null : context.Request.Form[HtmlForms.Answer].ToString()) switch
        {
            ConsentPage.Allow => await Decide(context, parts, isAllowed: true, ct),
            ConsentPage.Deny => await Decide(context, parts, isAllowed: false, ct),
            { } answer when SignInForms.Are(answer) => await SignInForms.Handle(context, parts, await Place(context, parts, ct), answer, ct),
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

            return TokenSchemes.Refuse(Errors.AccessDenied, "The person did not allow it.");
        }

        if (session is null || await parts.SignIn.ResumeSession(session.Ticket, request.GetScopes(), ct) is not { Holder: { } holder } result)
        {
            return await HandleRequest(context, parts, ct);
        }

        var consent = await parts.Consents.Grant(holder.Id, request.ClientId!, request.GetScopes(), ct);
        return TokenSchemes.Issue(parts.Access, result, request.ClientId!, request.GetScopes(), session.SignedInAt, consent);
    }

    /// <summary>Whether the client wants another person than the one who is signed in, or to see anew that it is them.</summary>
    private static async Task<bool> MustSignIn(HttpContext context, OpenIddictRequest request, BrowserSession session, DateTimeOffset now)
    {
        var hint = (await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal?.GetClaim(Claims.Subject);
        return request.HasPromptValue(PromptValues.Login)
            || request.HasPromptValue(PromptValues.SelectAccount)
            || (request.HasAcrValue(TokenClaims.SeveralFactors) && !session.Ticket.IsMultiFactor)
            || (request.MaxAge is { } seconds && now.ToUnixTimeSeconds() - session.SignedInAt >= seconds)
            || (hint is not null && hint != session.Ticket.AccountId.ToString());
    }

    private static async Task<SignInPlace> Place(HttpContext context, Services parts, CancellationToken ct)
    {
        var request = context.GetOpenIddictServerRequest()!;
        return SignInPlace.OfClient(request, await Name(parts, request, ct));
    }

    private static async Task<string> Name(Services parts, OpenIddictRequest request, CancellationToken ct) =>
        (await parts.Clients.Find(request.ClientId!, ct))?.ShownName ?? request.ClientId!;

    internal sealed record Services(
        SignInHandler SignIn, TwoFactorChallengeHandler SecondStep, AllowDeviceHandler AllowDevice, EndSessionHandler EndSession, IConsents Consents,
        IClients Clients, HtmlForms Forms, RequestOrigin Origin, PublicAddress Address, AccessRules Access, TimeProvider Clock);
}
