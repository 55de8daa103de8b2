using Microsoft.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Idoven.Identity.Infrastructure.TokenServer;

/// <summary>
/// Discovery and the published keys may be kept for a minute: far shorter than a key is published before it signs, and short enough that
/// a revoked one is soon gone everywhere.
/// </summary>
internal sealed class LetDocumentsBeKept : IOpenIddictServerHandler<ApplyConfigurationResponseContext>, IOpenIddictServerHandler<ApplyJsonWebKeySetResponseContext>
{
    private const string CacheControl = "public, max-age=60";

    public static void AddTo(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<ApplyConfigurationResponseContext>(handler => handler.UseSingletonHandler<LetDocumentsBeKept>().SetOrder(int.MinValue));
        server.AddEventHandler<ApplyJsonWebKeySetResponseContext>(handler => handler.UseSingletonHandler<LetDocumentsBeKept>().SetOrder(int.MinValue));
    }

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context) => Keep(context);

    public ValueTask HandleAsync(ApplyJsonWebKeySetResponseContext context) => Keep(context);

    private static ValueTask Keep(BaseRequestContext context)
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
