using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Api;

/// <summary>Who a token speaks for; OpenIddict has checked the client and the form of the request, and makes the token.</summary>
internal static class TokenEndpoint
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string SessionClaim = "sid";
    private const string GenerationClaim = "gen";
    private const int RetryAfterSeconds = 2;

    public static void MapToken(this IEndpointRouteBuilder app) => app.MapPost("/connect/token", Handle)
        .AllowAnonymous()
        .ExcludeFromDescription();

    private static async Task<IResult> Handle(HttpContext context, SignInHandler signIn, CancellationToken ct)
    {
        var request = context.GetOpenIddictServerRequest()!;
        try
        {
            if (request.IsPasswordGrantType())
            {
                var result = await signIn.WithPassword(request.Username!, request.Password!, request.ClientId!, request.GetScopes(), ct);
                return Answer(result, request.ClientId!, request.GetScopes());
            }

            if (request.IsRefreshTokenGrantType())
            {
                return await Refresh(context, signIn, request.ClientId!, ct);
            }

            return ForMachine(request);
        }
        catch (TooManySignInsException)
        {
            return Problems.Unavailable(context, "Too many sign-ins are waiting.", RetryAfterSeconds);
        }
    }

    private static async Task<IResult> Refresh(HttpContext context, SignInHandler signIn, string clientId, CancellationToken ct)
    {
        var principal = (await context.AuthenticateAsync(Scheme)).Principal!;
        var result = await signIn.Again(
            Guid.Parse(principal.GetClaim(Claims.Subject)!),
            Guid.Parse(principal.GetClaim(SessionClaim)!),
            int.Parse(principal.GetClaim(GenerationClaim)!, CultureInfo.InvariantCulture),
            ct);
        return Answer(result, clientId, principal.GetScopes());
    }

    private static IResult Answer(SignInResult result, string clientId, ImmutableArray<string> scopes) => result.Holder is { } holder
        ? Issue(holder.Id.ToString(), clientId, scopes, result.SessionId, holder.Generation, holder.Role)
        : result.Refusal == SignInRefusal.InvalidScope
            ? Refuse(Errors.InvalidScope, "The scope is not granted to this role.")
            : Refuse(Errors.InvalidGrant, "The credentials or the token are not valid.");

    /// <summary>A machine client acts for itself: its subject can never equal a user's id.</summary>
    private static IResult ForMachine(OpenIddictRequest request) =>
        Issue($"client:{request.ClientId}", request.ClientId!, request.GetScopes(), Guid.CreateVersion7(), generation: 0, role: null);

    private static IResult Issue(string subject, string clientId, ImmutableArray<string> scopes, Guid session, int generation, string? role)
    {
        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, subject);
        identity.SetClaim(Claims.ClientId, clientId);
        identity.SetClaim(SessionClaim, session.ToString());
        identity.SetClaim(GenerationClaim, generation);
        identity.SetClaim(Claims.Role, role);
        identity.SetScopes(scopes);
        identity.SetResources(scopes.SelectMany(Audiences.Of).Distinct());
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), properties: null, Scheme);
    }

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [Scheme]);
}
