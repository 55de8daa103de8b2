using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Reads and discards what an answered request has left of its body: many clients read the answer only after they have sent all, and a
/// connection that is closed earlier costs them the answer. The request holds nothing meanwhile but its connection.
/// </summary>
/// <remarks>
/// The server itself discards for five seconds, however much arrives and from however many connections, and nothing of a body over its
/// limit. Here the bytes are bounded too, and how many requests of one address are waited for at the same time.
/// </remarks>
/// <param name="clock">Measures <see cref="Limit"/>.</param>
internal sealed class UnreadBodies(TimeProvider clock)
{
    /// <summary>How many bytes of a body are discarded, in whole reads, before the connection is closed.</summary>
    public const long MaxBytes = 64 << 20;

    /// <summary>How many requests of one address are waited for; of IPv6 the network of 64 bits counts as one address.</summary>
    public const int PerAddress = 32;

    /// <summary>How many requests a host waits for.</summary>
    public const int OfAll = 1024;

    /// <summary>How long a body is discarded before the connection is closed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>What the answer has to leave the host before the connection of a request that is not waited for is closed.</summary>
    private static readonly TimeSpan ToSendAnswer = TimeSpan.FromMilliseconds(100);

    private readonly CallerSlots discarding =
        new("answered requests with an unfinished body", OfAll, PerAddress, Lending.Never, TimeProvider.System);

    /// <summary>Comes before everything that may answer a request.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
            || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limitOfServer)
        {
            await next(context);
            return;
        }

        limitOfServer.MaxRequestBodySize = null;
        var announced = context.Request.ContentLength;
        var body = new BoundedBody(context.Request.BodyReader, announced);
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(body);
        context.Request.Body = body.AsStream(leaveOpen: true);
        context.Features.Set<IRequestBodyPipeFeature>(body);
        if (announced > MaxBytes)
        {
            context.OnResponse(headers =>
            {
                if (announced - body.Arrived > MaxBytes)
                {
                    headers.Connection = "close";
                }
            });
        }

        await next(context);
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            await Finish(context, body);
        }
    }

    private async Task Finish(HttpContext context, BoundedBody body)
    {
        try
        {
            if (body.HasEnded)
            {
                return;
            }

            using var slot = discarding.Enter(context.CallerNetwork());
            await context.Response.CompleteAsync();
            var most = body.Arrived + MaxBytes;
            if (body.DiscardArrived(most))
            {
                return;
            }

            if (slot.State != ShareState.Taken)
            {
                await Task.Delay(ToSendAnswer, clock, context.RequestAborted);
            }
            else if (await Discard(context, body, most))
            {
                return;
            }

            context.Abort();
        }
        catch (BadHttpRequestException)
        {
            // The client breaks the protocol: the server closes the connection.
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client has gone. A read that failed for that has not ended for the server, which must not read again.
            context.Abort();
        }
    }

    private async Task<bool> Discard(HttpContext context, BoundedBody body, long most)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            return await body.Discard(most, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return false;
        }
    }
}
