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
/// What a client that is disabled or gone was given is worth nothing at any endpoint of the token server, and stays so when it is enabled
/// again; nor is what a person gave and took back. Who asks what a token is worth is told the same of one whose session is over.
/// </summary>
internal sealed class RejectRevokedTokens(IOpenIddictApplicationManager clients, IConsents consents, SignInHandler signIn)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    private static readonly string[] Types =
    [
        TokenTypeIdentifiers.AccessToken, TokenTypeIdentifiers.RefreshToken, TokenTypeIdentifiers.Private.AuthorizationCode, TokenTypeIdentifiers.Private.DeviceCode,
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
        if (context.Principal is { } token && Types.Contains(token.GetTokenType()) && (await IsOfEarlierClient(token, ct) || await IsConsentWithdrawn(token, ct) || await IsOfEndedSession(context, token, ct)))
        {
            context.Reject(Errors.InvalidToken, "The token is not valid.");
        }
    }

    private async Task<bool> IsOfEarlierClient(ClaimsPrincipal token, CancellationToken ct)
    {
        if (token.GetClaim(Claims.ClientId) is not { } id)
        {
            return false;
        }

        // What was given before there were generations belongs to the first.
        var name = CurrentCaller.IsMachineSubject(token.GetClaim(Claims.Subject)) ? TokenClaims.Generation : TokenClaims.ClientGeneration;
        return await clients.Generation(id, ct) is not { } current || int.Parse(token.GetClaim(name) ?? "0", CultureInfo.InvariantCulture) != current;
    }

    private async Task<bool> IsConsentWithdrawn(ClaimsPrincipal token, CancellationToken ct) => TokenClaims.ConsentOf(token) is { } consent && !await consents.IsGranted(consent, ct);

    /// <summary>The other endpoints ask this themselves.</summary>
    private async Task<bool> IsOfEndedSession(OpenIddictServerEvents.ValidateTokenContext context, ClaimsPrincipal token, CancellationToken ct) =>
        context.EndpointType == OpenIddictServerEndpointType.Introspection
        && !CurrentCaller.IsMachineSubject(token.GetClaim(Claims.Subject))
        && (await signIn.ResumeSession(TokenClaims.Ticket(token), token.GetScopes(), ct)).Holder is null;
}
