using System.Security.Claims;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Identity.TokenServer.Endpoints;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Sessions;

/// <summary>
/// A client signs a person out (OpenID Connect RP-Initiated Logout): their session ends everywhere. An id token that we gave the client for this
/// person is enough; without one, the person is asked. OpenIddict has checked it and the address to return to.
/// </summary>
internal static class LogoutEndpoint
{
    private const string Route = "/connect/logout";

    public static void MapLogout(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(HttpContext context, HtmlForms forms, EndSessionHandler endSession, CancellationToken ct)
    {
        var session = (await BrowserSession.Read(context))?.Ticket;
        if (context.GetOpenIddictServerResponse() is { Error: not null } refusal)
        {
            return session is null ? ClientRequest.Refused(refusal) : SignOutPage.Render(context, forms, [], formTarget: null, refusal.ErrorDescription ?? refusal.Error);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var hinted = Hinted((await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal);
        if (session is not null && session.AccountId != hinted?.AccountId)
        {
            return SignOutPage.Render(context, forms, ClientRequest.Carry(request), ClientRequest.FormTarget(request.PostLogoutRedirectUri), notice: null);
        }

        return await End(context, request, endSession, [session, hinted], ct);
    }

    private static async Task<IResult> Answer(HttpContext context, HtmlForms forms, EndSessionHandler endSession, CancellationToken ct)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } || context.Request.Form[HtmlForms.Answer] != SignOutPage.SignOut)
        {
            return await HandleRequest(context, forms, endSession, ct); // A client may send its request as a form.
        }

        return await forms.IsOurs(context)
            ? await End(context, context.GetOpenIddictServerRequest()!, endSession, [(await BrowserSession.Read(context))?.Ticket], ct)
            : HtmlForms.Expired();
    }

    private static async Task<IResult> End(
        HttpContext context, OpenIddictRequest request, EndSessionHandler endSession, IEnumerable<SessionTicket?> sessions, CancellationToken ct)
    {
        foreach (var session in sessions.OfType<SessionTicket>().DistinctBy(session => session.SessionId))
        {
            await endSession.Handle(session.AccountId, session.SessionId, SessionEnd.SignedOut, ct);
        }

        await BrowserSession.Forget(context);
        return string.IsNullOrEmpty(request.PostLogoutRedirectUri) ? SignOutPage.Done() : Results.SignOut(properties: null, [TokenSchemes.Scheme]);
    }

    /// <summary>The session that an id token of ours was given in: one that is over may still say so.</summary>
    private static SessionTicket? Hinted(ClaimsPrincipal? idToken) =>
        Guid.TryParse(idToken?.GetClaim(Claims.Subject), out var account) && Guid.TryParse(idToken.GetClaim(TokenClaims.Session), out var session)
            ? new SessionTicket(account, session, Generation: 0)
            : null;
}
