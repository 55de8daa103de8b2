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

/// <summary>What OpenIddict is told to answer a client: tokens (or the code for them) of a subject, or a refusal.</summary>
internal static class TokenSchemes
{
    /// <summary>The parameter of the password grant that has the second factor's code.</summary>
    public const string Code = "otp";

    public const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    /// <summary>The code of a device, as its person reads it.</summary>
    public const string UserCode = OpenIddictServerAspNetCoreConstants.Tokens.UserCode;

    /// <param name="signedInAt">When the person showed that they are it, in seconds since 1970; null for a machine.</param>
    /// <param name="consent">What the person allowed the client; null where nobody had to be asked.</param>
    /// <param name="properties">Where the person's browser goes then, where it is not back to the client.</param>
    public static IResult Issue(
        AccessRules access, string subject, string clientId, ImmutableArray<string> scopes, Guid session, int generation, string? role, long? signedInAt, bool isStrong,
        Guid? consent, AuthenticationProperties? properties = null)
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

            // An array where it is one method, too.
            identity.AddClaim(new Claim(
                Claims.AuthenticationMethodReference, JsonSerializer.Serialize(TokenClaims.Methods(isStrong)), JsonClaimValueTypes.JsonArray));
            identity.SetClaim(Claims.AuthenticationContextReference, isStrong ? TokenClaims.SeveralFactors : null);
        }

        identity.SetScopes(scopes);
        identity.SetResources(scopes.SelectMany(access.FindAudiences).Distinct());
        identity.SetDestinations(claim => claim.Type switch
        {
            TokenClaims.Session or Claims.AuthenticationTime or Claims.AuthenticationMethodReference or Claims.AuthenticationContextReference =>
                [Destinations.AccessToken, Destinations.IdentityToken],
            _ => [Destinations.AccessToken],
        });
        return Results.SignIn(new ClaimsPrincipal(identity), properties, Scheme);
    }

    public static IResult Issue(
        AccessRules access, SignInResult result, string clientId, ImmutableArray<string> scopes, long? signedInAt, Guid? consent,
        AuthenticationProperties? properties = null) =>
        result.Holder is { } holder
        ? Issue(access, holder.Id.ToString(), clientId, scopes, result.SessionId, holder.Generation, holder.Role, signedInAt, result.IsMultiFactor, consent, properties)
        : result.Refusal switch
        {
            SignInRejection.InvalidScope => Refuse(Errors.InvalidScope, "The scope is not granted to this role."),
            SignInRejection.SecondFactorMissing => Refuse(
                Errors.InvalidGrant, $"The account needs a second factor: send its code as {Code}, or sign in on the pages, which set one up."),
            _ => Refuse(Errors.InvalidGrant, "The credentials or the token are not valid."),
        };

    public static IResult Refuse(string error, string description) => Results.Forbid(Reason(error, description), [Scheme]);

    public static AuthenticationProperties Reason(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });
}
