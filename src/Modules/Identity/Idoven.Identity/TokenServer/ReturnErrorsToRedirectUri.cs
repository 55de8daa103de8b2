using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Sends the error of an authorization request to the client if the redirect URI is registered for it (RFC 6749, 4.1.2.1). OpenIddict
/// validates the parameters before the redirect URI, and would show the error to the user.
/// </summary>
internal sealed class ReturnErrorsToRedirectUri(IOpenIddictApplicationManager clients)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ApplyAuthorizationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ApplyAuthorizationResponseContext>()
            .UseScopedHandler<ReturnErrorsToRedirectUri>()
            .SetOrder(OpenIddictServerHandlers.Authentication.InferResponseMode.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ApplyAuthorizationResponseContext context)
    {
        var ct = context.CancellationToken;
        if (context is { RedirectUri: null, Request: { ClientId: { } id, RedirectUri: { } uri } }
            && await clients.FindByClientIdAsync(id, ct) is { } client
            && await clients.HasPermissionAsync(client, Permissions.Endpoints.Authorization, ct)
            && await clients.ValidateRedirectUriAsync(client, uri, ct))
        {
            context.RedirectUri = uri;
        }

        // The error of a request with an unsupported response mode is not sent in that mode.
        context.ResponseMode = context.RedirectUri is null ? null : ResponseModes.Query;
    }
}
