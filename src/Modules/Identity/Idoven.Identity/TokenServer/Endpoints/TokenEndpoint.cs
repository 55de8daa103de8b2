using System.Collections.Immutable;
using Idoven.Identity.Clients;
using Idoven.Identity.Rights;
using Idoven.Identity.SignIn;
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
/// Determines the subject and the scopes of a token. OpenIddict has checked the client and the parameters before, and creates the token
/// afterwards.
/// </summary>
internal static class TokenEndpoint
{
    private const int RetryAfterSeconds = 2;

    public static void MapToken(this IEndpointRouteBuilder app) => app.MapPost("/connect/token", Handle)
        .AllowAnonymous()
        .ExcludeFromDescription();

    private static async Task<IResult> Handle(
        HttpContext context, SignInHandler signIn, IClients clients, DemoAccess demo, AccessRules access, TimeProvider clock,
        CancellationToken ct)
    {
        var request = context.GetOpenIddictServerRequest()!;
        try
        {
            if (request.IsPasswordGrantType() && !demo.Allows(context.CallerAddress()))
            {
                return TokenSchemes.Reject(Errors.UnauthorizedClient, "The password grant is only available on the host's own machine.");
            }

            if (request.IsAuthorizationCodeGrantType() || request.IsRefreshTokenGrantType() || request.IsDeviceCodeGrantType())
            {
                return await ContinueSession(context, signIn, access, request.ClientId!, ct);
            }

            // Without the parameter scope the token gets all that the client is registered for (RFC 6749, section 3.3).
            var asked = request.GetScopes();
            ImmutableArray<string> scopes = asked.IsEmpty ? [.. await clients.RegisteredScopes(request.ClientId!, ct)] : asked;
            if (scopes.IsEmpty)
            {
                return TokenSchemes.Reject(Errors.InvalidScope, "The client is not registered for any scope of tokens.");
            }

            if (!request.IsPasswordGrantType())
            {
                return IssueForMachine(access, request, scopes);
            }

            var result = await signIn.WithPassword(
                request.Username!, request.Password!, (string?)request[TokenSchemes.Code], request.ClientId!, asked, ct);
            scopes = asked.IsEmpty && result.Holder is { } holder ? [.. ScopesOfRole.Restrict(holder.Role, scopes)] : scopes;
            return TokenSchemes.Issue(access, result, request.ClientId!, scopes, clock.GetUtcNow().ToUnixTimeSeconds(), consent: null);
        }
        catch (TooManySignInsException)
        {
            return Problems.Unavailable(context, "Too many sign-ins are waiting.", RetryAfterSeconds);
        }
    }

    /// <summary>Issues a token for a code or a refresh token, if the session that it was created in still allows it.</summary>
    private static async Task<IResult> ContinueSession(
        HttpContext context, SignInHandler signIn, AccessRules access, string clientId, CancellationToken ct)
    {
        var principal = (await context.AuthenticateAsync(TokenSchemes.Scheme)).Principal!;
        var scopes = principal.GetScopes();
        var result = await signIn.ResumeSession(TokenClaims.Ticket(principal), scopes, ct);
        return TokenSchemes.Issue(
            access, result, clientId, scopes, TokenClaims.SignedInAt(principal), TokenClaims.ReadConsent(principal));
    }

    /// <summary>
    /// Issues a token of a machine client, which acts for itself: the prefix of its subject makes it differ from every user's id.
    /// </summary>
    private static IResult IssueForMachine(AccessRules access, OpenIddictRequest request, ImmutableArray<string> scopes) =>
        TokenSchemes.Issue(
            access, $"client:{request.ClientId}", request.ClientId!, scopes, Guid.CreateVersion7(), generation: 0, role: null,
            signedInAt: null, isMultiFactor: false, consent: null);
}
