using System.Security.Claims;
using Idoven.Identity.Application;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Infrastructure.TokenServer;

/// <summary>
/// A code, a device's too, or a refresh token that comes a second time is in two hands: OpenIddict ends the tokens that came of it, and that is on record. After a
/// code the session ends too, so that every module refuses the access token within a second (RFC 9700, 4.5).
/// </summary>
internal sealed class EndReplayedSignIn(IOpenIddictTokenManager tokens, IServiceScopeFactory scopes)
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
        if (context.Principal is { } principal
            && KindOf(principal) is { } kind
            && principal.GetTokenId() is { } id
            && await tokens.FindByIdAsync(id, ct) is { } token
            && await tokens.HasStatusAsync(token, Statuses.Redeemed, ct)
            && Guid.TryParse(principal.GetClaim(Claims.Subject), out var account)
            && Guid.TryParse(principal.GetClaim("sid"), out var session))
        {
            // A transaction of its own, beside whatever OpenIddict does in the request's.
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredKeyedService<IAuditTrail>(IdentityModule.Name).Record(
                AuditEntry.Refused(Acts.ReplayToken, kind, $"{account}") with { ClientId = principal.GetClaim(Claims.ClientId), SessionId = session });
            if (kind != GrantTypes.RefreshToken)
            {
                await scope.ServiceProvider.GetRequiredService<EndSessionHandler>().Handle(account, session, SessionEnd.TokenReplayed, ct);
            }
        }
    }

    private static string? KindOf(ClaimsPrincipal principal) =>
        principal.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode) ? GrantTypes.AuthorizationCode
        : principal.HasTokenType(TokenTypeIdentifiers.Private.DeviceCode) ? "device_code"
        : principal.HasTokenType(TokenTypeIdentifiers.RefreshToken) ? GrantTypes.RefreshToken
        : null;
}
