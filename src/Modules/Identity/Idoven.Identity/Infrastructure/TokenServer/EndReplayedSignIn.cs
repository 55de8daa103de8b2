using Idoven.Identity.Application;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Infrastructure.TokenServer;

/// <summary>
/// A code that comes a second time, a device's too, is in two hands: OpenIddict ends the tokens that came of it, and here the session ends, so that every module
/// refuses the access token too, within a second (RFC 9700, 4.5).
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
            && principal.GetTokenType() is TokenTypeIdentifiers.Private.AuthorizationCode or TokenTypeIdentifiers.Private.DeviceCode
            && principal.GetTokenId() is { } id
            && await tokens.FindByIdAsync(id, ct) is { } code
            && await tokens.HasStatusAsync(code, Statuses.Redeemed, ct)
            && Guid.TryParse(principal.GetClaim(Claims.Subject), out var account)
            && Guid.TryParse(principal.GetClaim("sid"), out var session))
        {
            // A transaction of its own, beside whatever OpenIddict does in the request's.
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<EndSessionHandler>().Handle(account, session, ct);
        }
    }
}
