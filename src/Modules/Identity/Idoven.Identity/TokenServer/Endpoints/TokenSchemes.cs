using System.Collections.Immutable;
using System.Security.Claims;
using System.Text.Json;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>Creates the results with which OpenIddict answers a client: tokens, or the code for them, of a subject; or an error.</summary>
internal static class TokenSchemes
{
    /// <summary>The parameter of the password grant with the code of the second factor.</summary>
    public const string Code = "otp";

    public const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    /// <summary>The name of the code that the user reads on the device.</summary>
    public const string UserCode = OpenIddictServerAspNetCoreConstants.Tokens.UserCode;

    /// <param name="signedInAt">The time of the sign-in, in seconds since 1970; null for a machine client.</param>
    /// <param name="consent">The user's consent for the client; null if no consent was necessary.</param>
    /// <param name="properties">The address that the browser is sent to; null sends it back to the client.</param>
    public static IResult Issue(
        AccessRules access, string subject, string clientId, ImmutableArray<string> scopes, Guid session, int generation, string? role,
        long? signedInAt, bool isMultiFactor, Guid? consent, AuthenticationProperties? properties = null)
    {
        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, subject);
        identity.SetClaim(Claims.ClientId, clientId);
        identity.SetClaim(TokenClaims.Session, session.ToString());
        identity.SetClaim(TokenClaims.Generation, generation);
        identity.SetClaim(Claims.Role, role);
        identity.SetClaim(TokenClaims.Consent, consent?.ToString());
        if (signedInAt is not null)
        {
            identity.SetClaim(Claims.AuthenticationTime, signedInAt);

            // An array also if there is only one method.
            identity.AddClaim(new Claim(
                Claims.AuthenticationMethodReference,
                JsonSerializer.Serialize(TokenClaims.Methods(isMultiFactor)),
                JsonClaimValueTypes.JsonArray));
            identity.SetClaim(Claims.AuthenticationContextReference, isMultiFactor ? TokenClaims.SeveralFactors : null);
        }

        identity.SetScopes(scopes);
        identity.SetResources(scopes.SelectMany(access.FindAudiences).Distinct());
        identity.SetDestinations(claim => claim.Type switch
        {
            TokenClaims.Session or Claims.AuthenticationTime
                or Claims.AuthenticationMethodReference or Claims.AuthenticationContextReference =>
                [Destinations.AccessToken, Destinations.IdentityToken],
            _ => [Destinations.AccessToken],
        });
        return Results.SignIn(new ClaimsPrincipal(identity), properties, Scheme);
    }

    public static IResult Issue(
        AccessRules access, SignInResult result, string clientId, ImmutableArray<string> scopes, long? signedInAt, Guid? consent,
        AuthenticationProperties? properties = null) =>
        result.Holder is { } holder
            ? Issue(
                access, holder.Id.ToString(), clientId, scopes, result.SessionId, holder.Generation, holder.Role, signedInAt,
                result.IsMultiFactor, consent, properties)
            : result.Rejection switch
            {
                SignInRejection.InvalidScope => Reject(Errors.InvalidScope, "The scope is not granted to this role."),
                SignInRejection.SecondFactorMissing => Reject(
                    Errors.InvalidGrant,
                    $"The account needs a second factor: send its code as {Code}, or sign in on the pages, which set one up."),
                _ => Reject(Errors.InvalidGrant, "The credentials or the token are not valid."),
            };

    public static IResult Reject(string error, string description) => Results.Forbid(CreateError(error, description), [Scheme]);

    public static AuthenticationProperties CreateError(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });
}
