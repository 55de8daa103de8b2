using System.Security.Claims;
using Idoven.Identity.Common;
using Idoven.Identity.Sessions;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Ends the session if an authorization code, a device code or a refresh token is used again after it was redeemed or revoked: a second
/// party has it (RFC 9700, 4.5 and 4.14). Every module then rejects the access tokens within a second, and the replay is recorded in the
/// audit log. The retry that <see cref="RefreshTokens"/> allows a client is not a replay.
/// </summary>
internal sealed class EndReplayedSignIn(IOpenIddictTokenManager tokens, RefreshTokens refreshTokens, IServiceScopeFactory scopes)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ValidateTokenContext>()
            .UseScopedHandler<EndReplayedSignIn>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        var ct = context.CancellationToken;
        if (context.Principal is not { } principal
            || KindOf(principal) is not { } kind
            || principal.GetTokenId() is not { } id
            || await tokens.FindByIdAsync(id, ct) is not { } token
            || !await IsReplay(context, kind, Guid.Parse(id), token, ct)
            || !Guid.TryParse(principal.GetClaim(Claims.Subject), out var account)
            || !Guid.TryParse(principal.GetClaim(TokenClaims.Session), out var session))
        {
            return;
        }

        // In a transaction of its own, independent of what OpenIddict does in the request's.
        await using var scope = scopes.CreateAsyncScope();
        var hasEnded = await scope.ServiceProvider.GetRequiredService<EndSessionHandler>()
            .Handle(account, session, SessionEnd.TokenReplayed, ct);

        // The other tokens of an ended family are revoked. The legitimate owner may still try one of them; that is not recorded as a
        // replay.
        if (hasEnded || await tokens.HasStatusAsync(token, Statuses.Redeemed, ct))
        {
            await scope.ServiceProvider.GetRequiredService<IIdentityAuditLog>().Record(
                AuditEntry.Refused(AuditActions.ReplayToken, kind, $"{account}") with
                {
                    ClientId = principal.GetClaim(Claims.ClientId),
                    SessionId = session,
                });
        }
    }

    private async Task<bool> IsReplay(
        OpenIddictServerEvents.ValidateTokenContext context, string kind, Guid id, object token, CancellationToken ct)
    {
        if (kind != GrantTypes.RefreshToken)
        {
            return await tokens.HasStatusAsync(token, Statuses.Redeemed, ct);
        }

        // Revoking a token twice, or introspecting it, does not use it.
        return context.EndpointType == OpenIddictServerEndpointType.Token
            && !await tokens.HasStatusAsync(token, Statuses.Valid, ct)
            && (!context.Principal!.GetPresenters().Contains(context.Transaction.Request?.ClientId ?? "")
                || await refreshTokens.IsReplay(id, ct));
    }

    private static string? KindOf(ClaimsPrincipal principal) =>
        principal.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode) ? GrantTypes.AuthorizationCode
        : principal.HasTokenType(TokenTypeIdentifiers.Private.DeviceCode) ? "device_code"
        : principal.HasTokenType(TokenTypeIdentifiers.RefreshToken) ? GrantTypes.RefreshToken
        : null;
}
