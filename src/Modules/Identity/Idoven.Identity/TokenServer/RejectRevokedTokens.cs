using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.Consents;
using Idoven.Identity.SignIn;
using Idoven.Identity.TokenServer.Clients;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Web.Authorization;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Rejects, at every endpoint of the token server, tokens and codes of a client that was deleted or disabled, also after it is enabled
/// again, and those whose consent the user has withdrawn. The introspection endpoint also rejects tokens of an ended session.
/// </summary>
internal sealed class RejectRevokedTokens(IOpenIddictApplicationManager clients, IConsents consents, SignInHandler signIn)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    private static readonly string[] Types =
    [
        TokenTypeIdentifiers.AccessToken, TokenTypeIdentifiers.RefreshToken,
        TokenTypeIdentifiers.Private.AuthorizationCode, TokenTypeIdentifiers.Private.DeviceCode,
    ];

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateTokenContext>()
            .UseScopedHandler<RejectRevokedTokens>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateAuthorizationEntry.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        var ct = context.CancellationToken;
        if (context.Principal is { } token
            && Types.Contains(token.GetTokenType())
            && (await IsOfEarlierGeneration(token, ct)
                || await IsConsentWithdrawn(token, ct)
                || await IsOfEndedSession(context, token, ct)))
        {
            context.Reject(Errors.InvalidToken, "The token is not valid.");
        }
    }

    private async Task<bool> IsOfEarlierGeneration(ClaimsPrincipal token, CancellationToken ct)
    {
        if (token.GetClaim(Claims.ClientId) is not { } id)
        {
            return false;
        }

        // Tokens that were issued before clients had generations belong to generation 0.
        var name = CurrentCaller.IsMachineSubject(token.GetClaim(Claims.Subject)) ? TokenClaims.Generation : TokenClaims.ClientGeneration;
        return await clients.FindGeneration(id, ct) is not { } current
            || int.Parse(token.GetClaim(name) ?? "0", CultureInfo.InvariantCulture) != current;
    }

    private async Task<bool> IsConsentWithdrawn(ClaimsPrincipal token, CancellationToken ct) =>
        TokenClaims.ReadConsent(token) is { } consent && !await consents.IsGranted(consent, ct);

    /// <summary>
    /// Returns whether the session of a user's token has ended. Only for introspection: the other endpoints check it themselves.
    /// </summary>
    private async Task<bool> IsOfEndedSession(
        OpenIddictServerEvents.ValidateTokenContext context, ClaimsPrincipal token, CancellationToken ct) =>
        context.EndpointType == OpenIddictServerEndpointType.Introspection
        && !CurrentCaller.IsMachineSubject(token.GetClaim(Claims.Subject))
        && (await signIn.ResumeSession(TokenClaims.Ticket(token), token.GetScopes(), ct)).Holder is null;
}
