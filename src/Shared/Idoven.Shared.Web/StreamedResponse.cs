using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Web;

/// <summary>
/// Writes a response in pieces: each one after the client has read the previous ones. The connection is aborted if the client needs longer
/// than
/// <see cref="PieceLimit"/> for a piece, or if writing fails after the first byte, so that no client mistakes a part for the whole.
/// </summary>
/// <remarks>
/// Kestrel's minimum rate is an average over the whole connection: bytes that were read quickly, if only by the buffers of the operating
/// system, let the client stall longer later. The limit of a piece starts again with each piece.
/// </remarks>
public sealed class StreamedResponse
{
    /// <summary>The rate at which a client must read, in bytes per second.</summary>
    public const int MinBytesPerSecond = 1024;

    /// <summary>The bytes after which a piece is sent.</summary>
    public const int PieceBytes = 32 * 1024;

    /// <summary>The longest time that a client may need for a piece.</summary>
    public static readonly TimeSpan PieceLimit = TimeSpan.FromSeconds(PieceBytes / MinBytesPerSecond);

    private readonly HttpContext context;
    private readonly string contentType;
    private readonly long? contentLength;
    private readonly TimeProvider clock;
    private readonly PipeWriter writer;
    private bool isTooSlow;

    private StreamedResponse(HttpContext context, string contentType, long? contentLength)
    {
        (this.context, this.contentType, this.contentLength) = (context, contentType, contentLength);
        clock = context.RequestServices.GetRequiredService<TimeProvider>();

        // If writing fails before the first piece was sent, the buffer is discarded and the response is a problem.
        writer = PipeWriter.Create(context.Response.Body, new StreamPipeWriterOptions(minimumBufferSize: 2 * PieceBytes, leaveOpen: true));
    }

    /// <summary>Gets what the response is written to; <see cref="Flush"/> or <see cref="FlushFullPiece"/> sends it.</summary>
    public IBufferWriter<byte> Output => writer;

    /// <summary>Writes a response of this type.</summary>
    /// <param name="contentLength">Its length in bytes; null if it is not known.</param>
    /// <exception cref="Exception">An exception of <paramref name="write"/> before anything was sent.</exception>
    public static async Task Write(HttpContext context, string contentType, long? contentLength, Func<StreamedResponse, Task> write)
    {
        var response = new StreamedResponse(context, contentType, contentLength);
        try
        {
            await write(response);
            await response.Flush();
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            response.Abort(e);
        }
        finally
        {
            await response.writer.CompleteAsync(new OperationCanceledException());
        }
    }

    /// <summary>Returns a result that writes these bytes.</summary>
    public static IResult Bytes(ReadOnlyMemory<byte> bytes, string contentType) => new BytesResult(bytes, contentType);

    /// <summary>Sends the written bytes if they are at least one piece.</summary>
    public ValueTask FlushFullPiece() => writer.UnflushedBytes >= PieceBytes ? Flush() : ValueTask.CompletedTask;

    /// <summary>Sends the written bytes, and returns when the client has read enough of them.</summary>
    /// <exception cref="OperationCanceledException">The client was too slow, or has disconnected.</exception>
    public async ValueTask Flush()
    {
        if (!context.Response.HasStarted)
        {
            (context.Response.ContentType, context.Response.ContentLength) = (contentType, contentLength);
        }

        using var limit = new CancellationTokenSource(PieceLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            await writer.FlushAsync(either.Token);
            context.RequestAborted.ThrowIfCancellationRequested();
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            isTooSlow = true;
            throw;
        }
    }

    private void Abort(Exception e)
    {
        var logger = context.RequestServices.GetRequiredService<ILogger<StreamedResponse>>();
        var route = context.GetEndpoint()?.DisplayName;
        if (isTooSlow)
        {
            logger.LogInformation(
                "{Method} {Route} was aborted: the client read less than {Bytes} bytes per second",
                context.Request.Method, route, MinBytesPerSecond);
        }
        else if (!context.RequestAborted.IsCancellationRequested)
        {
            logger.LogError(
                e, "{Method} {Route} failed after a part of the response was sent; the connection is aborted",
                context.Request.Method, route);
        }

        context.Abort();
    }

    private sealed class BytesResult(ReadOnlyMemory<byte> bytes, string contentType) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext, contentType, bytes.Length, async response =>
        {
            for (var start = 0; start < bytes.Length; start += PieceBytes)
            {
                response.Output.Write(bytes.Span[start..Math.Min(start + PieceBytes, bytes.Length)]);
                await response.Flush();
            }
        });
    }
}
