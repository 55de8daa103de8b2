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
/// Signs a user out at the request of a client (OpenID Connect RP-Initiated Logout 1.0): the session ends everywhere. Without an id token
/// of this user, the page asks the user first. OpenIddict has already validated the id token and the address to return to.
/// </summary>
internal static class LogoutEndpoint
{
    private const string Route = "/connect/logout";

    public static void MapLogout(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, HandleRequest).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, HandleForm).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> HandleRequest(
        HttpContext context, HtmlForms forms, EndSessionHandler endSession, CancellationToken ct)
    {
        var session = (await BrowserSession.Read(context))?.Ticket;
        if (context.GetOpenIddictServerResponse() is { Error: not null } error)
        {
            return session is null
                ? ClientRequest.RenderError(error)
                : SignOutPage.Render(context, forms, [], formTarget: null, error.ErrorDescription ?? error.Error);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var hinted = ReadSession((await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal);
        if (session is not null && session.AccountId != hinted?.AccountId)
        {
            var formTarget = ClientRequest.FormTarget(request.PostLogoutRedirectUri);
            return SignOutPage.Render(context, forms, ClientRequest.Carry(request), formTarget, notice: null);
        }

        return await End(context, request, endSession, [session, hinted], ct);
    }

    private static async Task<IResult> HandleForm(HttpContext context, HtmlForms forms, EndSessionHandler endSession, CancellationToken ct)
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
        HttpContext context,
        OpenIddictRequest request,
        EndSessionHandler endSession,
        IEnumerable<SessionTicket?> sessions,
        CancellationToken ct)
    {
        foreach (var session in sessions.OfType<SessionTicket>().DistinctBy(session => session.SessionId))
        {
            await endSession.Handle(session.AccountId, session.SessionId, SessionEnd.SignedOut, ct);
        }

        await BrowserSession.Forget(context);
        return string.IsNullOrEmpty(request.PostLogoutRedirectUri)
            ? SignOutPage.Done()
            : Results.SignOut(properties: null, [TokenSchemes.Scheme]);
    }

    /// <summary>Reads the session that an id token was issued in. The token may have expired.</summary>
    private static SessionTicket? ReadSession(ClaimsPrincipal? idToken) =>
        Guid.TryParse(idToken?.GetClaim(Claims.Subject), out var account)
        && Guid.TryParse(idToken.GetClaim(TokenClaims.Session), out var session)
            ? new SessionTicket(account, session, Generation: 0)
            : null;
}
