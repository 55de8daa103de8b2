using Idoven.Shared.Web.Cors;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Cors.Infrastructure;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>
/// Allows a page to read the response of the token server (CORS) if its origin belongs to the client that authenticated or, at the userinfo
/// endpoint, to the client that the access token was issued to. Runs before codes and refresh tokens are validated, so that the page can
/// also read an error response.
/// </summary>
internal sealed class AllowClientOrigin(IOpenIddictApplicationManager clients, ICorsService cors)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessAuthenticationContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ProcessAuthenticationContext>()
            .UseScopedHandler<AllowClientOrigin>()
            .SetOrder(OpenIddictServerHandlers.ValidateAccessToken.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ProcessAuthenticationContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var origin = http.Request.Headers.Origin.ToString();
        var clientId = context.EndpointType switch
        {
            OpenIddictServerEndpointType.Token
                or OpenIddictServerEndpointType.Revocation
                or OpenIddictServerEndpointType.DeviceAuthorization => context.Request?.ClientId,
            OpenIddictServerEndpointType.UserInfo => context.AccessTokenPrincipal?.GetClaim(Claims.ClientId),
            _ => null,
        };
        if (origin.Length > 0 && clientId is not null && await HasOrigin(clientId, origin, context.CancellationToken))
        {
            var result = cors.EvaluatePolicy(http, CrossOrigin.ForOrigin(origin));
            http.Response.OnStarting(() =>
            {
                cors.ApplyResult(result, http.Response);
                return Task.CompletedTask;
            });
        }
    }

    private async Task<bool> HasOrigin(string clientId, string origin, CancellationToken ct) =>
        await clients.FindByClientIdAsync(clientId, ct) is { } client
        && (await clients.GetRedirectUrisAsync(client, ct)).Any(uri => WebOrigin.FromRedirectUri(uri) == origin);
}
