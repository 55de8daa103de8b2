using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Idoven.Identity.TokenServer;

/// <summary>Names the scopes in every response with an access token. OpenIddict does so only if other scopes were requested.</summary>
internal sealed class ReturnScopes : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ProcessSignInContext>()
            .UseSingletonHandler<ReturnScopes>()
            .SetOrder(OpenIddictServerHandlers.AttachSignInParameters.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.ProcessSignInContext context)
    {
        if (context is { EndpointType: OpenIddictServerEndpointType.Token, AccessTokenPrincipal: { } token })
        {
            context.Response.Scope = string.Join(' ', token.GetScopes());
        }

        return ValueTask.CompletedTask;
    }
}
