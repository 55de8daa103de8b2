using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// A service that is given access tokens asks what they are worth (RFC 7662): whom they speak for and what they may, and of a person no more than the
/// id and the role. Whoever may ask, was granted it on the host, and may ask of every access token; of anything else it is told that it is not active.
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
            context.Reject(Errors.InvalidToken, "Only an access token is asked about.");
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

/// <summary>A code or an id token is no more than inactive, like anything that is no token at all (RFC 7662, 2.2); and nothing keeps an answer.</summary>
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
