using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Holds back the first bytes of a response until there are enough of them or the response ends. In the second case its length is set
/// before anything is sent.
/// </summary>
internal sealed class HeldBackBody : Stream
{
    private readonly HttpResponse response;
    private readonly Stream body;
    private readonly int enough;
    private MemoryStream? held = new();

    private HeldBackBody(HttpResponse response, Stream body, int enough) =>
        (this.response, this.body, this.enough) = (response, body, enough);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Runs the code that writes the response.</summary>
    /// <param name="enough">The number of bytes after which they are sent.</param>
    public static async Task Run(HttpContext context, int enough, RequestDelegate next)
    {
        var server = context.Features.Get<IHttpResponseBodyFeature>()!;
        await using var body = new HeldBackBody(context.Response, server.Stream, enough);
        var writing = new StreamResponseBodyFeature(body, server);
        context.Features.Set<IHttpResponseBodyFeature>(writing);
        try
        {
            await next(context);
            await writing.CompleteAsync();
            await body.End(context.RequestAborted);
        }
        finally
        {
            context.Features.Set(server);
        }
    }

    public override void Flush()
    {
        if (held is null)
        {
            body.Flush();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        held is null ? body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (!Hold(buffer.AsSpan(offset, count)))
        {
            if (Release() is { Length: > 0 } first)
            {
                body.Write(first.GetBuffer(), 0, (int)first.Length);
            }

            body.Write(buffer, offset, count);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!Hold(buffer.Span))
        {
            if (Release() is { Length: > 0 } first)
            {
                await body.WriteAsync(first.GetBuffer().AsMemory(0, (int)first.Length), cancellationToken);
            }

            await body.WriteAsync(buffer, cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool Hold(ReadOnlySpan<byte> bytes)
    {
        if (held is null || held.Length + bytes.Length >= enough)
        {
            return false;
        }

        held.Write(bytes);
        return true;
    }

    private MemoryStream? Release()
    {
        var first = held;
        held = null;
        return first;
    }

    /// <summary>The response has ended: the held back bytes are the whole response.</summary>
    private async Task End(CancellationToken ct)
    {
        if (Release() is { Length: > 0 } all)
        {
            response.ContentLength = all.Length;
            await body.WriteAsync(all.GetBuffer().AsMemory(0, (int)all.Length), ct);
        }
    }
}
