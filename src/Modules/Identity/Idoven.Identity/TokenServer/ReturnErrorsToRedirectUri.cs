using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// OpenIddict looks at the form of a request before it looks at the redirect URI, and shows what it finds wrong to the person. Where the
/// redirect URI is the client's own, the client is the one to be told (RFC 6749, 4.1.2.1).
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

        // A mode that is not offered is refused, and not used to say so.
        context.ResponseMode = context.RedirectUri is null ? null : ResponseModes.Query;
    }
}
