using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>Who a person's access token speaks for (OpenID Connect UserInfo): the subject and, with <c>profile</c>, the username.</summary>
internal static class UserInfoEndpoint
{
    private const string Route = "/connect/userinfo";

    public static void MapUserInfo(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, Handle).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, Handle).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Handle(HttpContext context, SignInHandler signIn, CancellationToken ct)
    {
        var token = (await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal!;
        if (!token.HasScope(Scopes.OpenId) || !Guid.TryParse(token.GetClaim(Claims.Subject), out _))
        {
            return Refuse(Errors.InsufficientScope, "The token was not given for openid to a person.");
        }

        // Asked now, and not of what was revoked: the answer is about the account as it is.
        if ((await signIn.ResumeSession(TokenClaims.Ticket(token), token.GetScopes(), ct)).Holder is not { } holder)
        {
            return Refuse(Errors.InvalidToken, "The sign-in that the token was given in is over.");
        }

        var claims = new Dictionary<string, string> { [Claims.Subject] = holder.Id.ToString() };
        if (token.HasScope(Scopes.Profile))
        {
            claims[Claims.PreferredUsername] = holder.Username;
        }

        return Results.Json(claims);
    }

    private static IResult Refuse(string error, string description) => Results.Challenge(TokenSchemes.Reason(error, description), [TokenSchemes.Scheme]);
}
