using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>
/// Returns the subject of a user's access token and, with the scope <c>profile</c>, the username (OpenID Connect UserInfo).
/// </summary>
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
            return Reject(Errors.InsufficientScope, "The token is not a user's token with the scope openid.");
        }

        // Checked in the database, and not in the list of revocations: the response describes the account as it is now.
        if ((await signIn.ResumeSession(TokenClaims.Ticket(token), token.GetScopes(), ct)).Holder is not { } holder)
        {
            return Reject(Errors.InvalidToken, "The session of the token has ended.");
        }

        var claims = new Dictionary<string, string> { [Claims.Subject] = holder.Id.ToString() };
        if (token.HasScope(Scopes.Profile))
        {
            claims[Claims.PreferredUsername] = holder.Username;
        }

        return Results.Json(claims);
    }

    private static IResult Reject(string error, string description) =>
        Results.Challenge(TokenSchemes.CreateError(error, description), [TokenSchemes.Scheme]);
}
