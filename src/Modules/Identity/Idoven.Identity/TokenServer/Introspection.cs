using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Adds the scopes of an access token to the response of the introspection endpoint (RFC 7662), and the role of a user; nothing else about
/// the user but the id is returned. A client that was granted introspection on the host may introspect every access token. Any other
/// token is reported as not active.
/// </summary>
internal sealed class AddIntrospectionClaims : IOpenIddictServerHandler<OpenIddictServerEvents.HandleIntrospectionRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.HandleIntrospectionRequestContext>()
            .UseSingletonHandler<AddIntrospectionClaims>()
            .SetOrder(OpenIddictServerHandlers.Introspection.AttachMetadataClaims.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.HandleIntrospectionRequestContext context)
    {
        var token = context.GenericTokenPrincipal!;
        if (!token.HasTokenType(TokenTypeIdentifiers.AccessToken))
        {
            context.Reject(Errors.InvalidToken, "Only access tokens can be introspected.");
            return ValueTask.CompletedTask;
        }

        context.Scopes.UnionWith(token.GetScopes());
        context.TokenUsage = null;
        if (token.GetClaim(Claims.Role) is { } role)
        {
            context.Claims[Claims.Role] = role;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Reports codes and ID tokens as not active instead of as an error, like text that is not a token (RFC 7662, 2.2).
/// </summary>
internal sealed class ReportInvalidTokensInactive : IOpenIddictServerHandler<OpenIddictServerEvents.ApplyIntrospectionResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ApplyIntrospectionResponseContext>()
            .UseSingletonHandler<ReportInvalidTokensInactive>()
            .SetOrder(OpenIddictServerHandlers.Introspection.NormalizeErrorResponse.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.ApplyIntrospectionResponseContext context)
    {
        if (context.Error is Errors.UnsupportedTokenType or Errors.AccessDenied or Errors.AuthorizationPending)
        {
            context.Response.Error = Errors.InvalidToken;
        }

        return ValueTask.CompletedTask;
    }
}
