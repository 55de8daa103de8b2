using Microsoft.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Allows caches to keep the discovery document and the published keys for a minute: much shorter than a key is published before it signs,
/// and short enough that a revoked key soon disappears from all caches.
/// </summary>
internal sealed class CacheDiscoveryDocuments
    : IOpenIddictServerHandler<ApplyConfigurationResponseContext>, IOpenIddictServerHandler<ApplyJsonWebKeySetResponseContext>
{
    private const string CacheControl = "public, max-age=60";

    public static void AddTo(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<ApplyConfigurationResponseContext>(
            handler => handler.UseSingletonHandler<CacheDiscoveryDocuments>().SetOrder(int.MinValue));
        server.AddEventHandler<ApplyJsonWebKeySetResponseContext>(
            handler => handler.UseSingletonHandler<CacheDiscoveryDocuments>().SetOrder(int.MinValue));
    }

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context) => SetCacheControl(context);

    public ValueTask HandleAsync(ApplyJsonWebKeySetResponseContext context) => SetCacheControl(context);

    private static ValueTask SetCacheControl(BaseRequestContext context)
    {
        var response = context.Transaction.GetHttpRequest()!.HttpContext.Response;
        response.OnStarting(() =>
        {
            if (response.StatusCode == 200)
            {
                response.Headers.CacheControl = CacheControl;
                response.Headers.Remove("Pragma");
                response.Headers.Remove("Expires");
            }

            return Task.CompletedTask;
        });
        return ValueTask.CompletedTask;
    }
}
