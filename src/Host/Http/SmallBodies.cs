using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Reads the body of every request that needs no token before anything is done with it, so that nothing else is held at the client's pace.
/// What is unfinished has a bound for all callers and a share for one address. Routes that need a token read their bodies after it was checked.
/// </summary>
internal sealed class SmallBodies
{
    /// <summary>How many unfinished bodies one address may have; of IPv6 the network of 64 bits counts as one address.</summary>
    public const int PerAddress = 32;

    /// <summary>How many unfinished bodies a host has.</summary>
    public const int OfAll = 1024;

    private readonly CallerSlots unfinished = new("requests with an unfinished body", OfAll, PerAddress, Lending.Never, TimeProvider.System);

    /// <summary>Stands between the routing and the check of the token.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || NeedsToken(context.GetEndpoint()))
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength > BodyLimits.SmallBodyBytes)
        {
            await Problems.TooLarge($"The body is over {BodyLimits.SmallBodyBytes} bytes.").ExecuteAsync(context);
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
        endpoint is not null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null;

    private static async Task<MemoryStream> Read(HttpContext context)
    {
        var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        return body;
    }
}
