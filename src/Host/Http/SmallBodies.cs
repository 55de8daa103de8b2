using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Reads the body of every request that needs no token before the request is handled, so that a slow client holds nothing else. The number
/// of unfinished bodies is limited for the host and for one address. Routes that need a token read their bodies after the check of the
/// token.
/// </summary>
internal sealed class SmallBodies
{
    /// <summary>The maximum number of unfinished bodies of one address. A 64-bit network of IPv6 is one address.</summary>
    public const int PerAddress = 32;

    /// <summary>The maximum number of unfinished bodies of the host.</summary>
    public const int OfAll = 1024;

    private readonly CallerSlots unfinished =
        new("requests with an unfinished body", OfAll, PerAddress, Lending.Never, TimeProvider.System);

    /// <summary>Must be used after the routing and before the authentication.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || NeedsToken(context.GetEndpoint()))
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength > BodyLimits.SmallBodyBytes)
        {
            await Problems.TooLarge($"The body is longer than {BodyLimits.SmallBodyBytes} bytes.").ExecuteAsync(context);
            return;
        }

        MemoryStream body;
        using (var slot = unfinished.Enter(context.CallerNetwork()))
        {
            if (slot.Rejection(context) is { } rejection)
            {
                await rejection.ExecuteAsync(context);
                return;
            }

            body = await Read(context);
        }

        using (body)
        {
            context.Request.Body = body;
            context.Features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(context));
            await next(context);
        }
    }

    private static bool NeedsToken(Endpoint? endpoint) =>
        endpoint is not null
            && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null;

    private static async Task<MemoryStream> Read(HttpContext context)
    {
        var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        return body;
    }
}
