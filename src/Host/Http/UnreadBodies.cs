using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Reads and discards the rest of the body after the response: many clients read the response only after they have sent the whole body, and
/// would lose it if the connection were closed before. Meanwhile the request holds only its connection.
/// </summary>
/// <remarks>
/// The server itself discards for five seconds, without a limit of bytes or connections, and discards nothing of a body over its limit.
/// Here the bytes and the number of such requests of one address are limited.
/// </remarks>
/// <param name="clock">Measures <see cref="Limit"/>.</param>
internal sealed class UnreadBodies(TimeProvider clock)
{
    /// <summary>The number of bytes of a body that are discarded, in whole reads, before the connection is closed.</summary>
    public const long MaxBytes = 64 << 20;

    /// <summary>The maximum number of such requests of one address. A 64-bit network of IPv6 is one address.</summary>
    public const int PerAddress = 32;

    /// <summary>The maximum number of such requests of the host.</summary>
    public const int OfAll = 1024;

    /// <summary>The time for which a body is discarded before the connection is closed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The time for sending the response before the connection is closed, if the body is not discarded.</summary>
    private static readonly TimeSpan ToSendAnswer = TimeSpan.FromMilliseconds(100);

    private readonly CallerSlots discarding =
        new("answered requests with an unfinished body", OfAll, PerAddress, Lending.Never, TimeProvider.System);

    /// <summary>Must be used before all other middleware.</summary>
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
            // The client violates the protocol: the server closes the connection.
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client has disconnected. The server must not read again after a failed read.
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
