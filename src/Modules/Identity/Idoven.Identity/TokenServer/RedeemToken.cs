using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Replaces OpenIddict's handler, which continues if it cannot redeem a refresh token: of many concurrent uses, all got tokens. Other
/// tokens are redeemed by OpenIddict's handler.
/// </summary>
internal sealed class RedeemToken(IOpenIddictTokenManager tokens, RefreshTokens refreshTokens)
    : IOpenIddictServerHandler<ProcessSignInContext>
{
    private readonly OpenIddictServerHandlers.RedeemTokenEntry others = new(tokens);

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<RedeemToken>()
            .SetOrder(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor.Order)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (!IsRefresh(context))
        {
            await others.HandleAsync(context);
            return;
        }

        var authentication = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!)!;
        var token = authentication.RefreshTokenPrincipal!;
        var (id, family) = (Guid.Parse(token.GetTokenId()!), Guid.Parse(token.GetAuthorizationId()!));
        if (!await refreshTokens.Redeem(id, family, context.CancellationToken))
        {
            context.Reject(Errors.InvalidGrant, "The credentials or the token are not valid.");
        }
    }

    internal static bool IsRefresh(ProcessSignInContext context) =>
        context.EndpointType == OpenIddictServerEndpointType.Token && context.Request.IsRefreshTokenGrantType();
}

/// <summary>Commits the transaction of <see cref="RedeemToken"/> when the new tokens are stored, and before they are sent.</summary>
internal sealed class CommitRefresh(RefreshTokens refreshTokens) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<CommitRefresh>()
            .SetOrder(OpenIddictServerHandlers.AttachSignInParameters.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (RedeemToken.IsRefresh(context))
        {
            await refreshTokens.Commit(context.CancellationToken);
        }
    }
}
