using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Finds responses that are written while a request holds a database connection. Each write waits until no connection is in use, and times
/// out if its own request holds one. For tests that send one request at a time.
/// </summary>
internal sealed class HeldConnections(HostSettings settings) : IStartupFilter, IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
    private const int Tries = 100;
    private readonly UsedConnections connections = new(settings);
    private int writes;

    /// <summary>Gets the requests whose responses were written while they held a connection.</summary>
    public ConcurrentBag<string> Found { get; } = [];

    /// <summary>Gets the number of writes that were checked.</summary>
    public int Writes => writes;

    public void Watch(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter>(this);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            // The callback is registered first and so called last: other work at the start of a response is done by then.
            context.Response.OnStarting(() => Check(context));
            var original = context.Features.Get<IHttpResponseBodyFeature>()!;
            await using var watched = new WatchedStream(
                original.Stream, () => context.Response.HasStarted ? Check(context) : Task.CompletedTask);
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(watched, original));
            await following(context);
            context.Features.Set(original);
        });
        next(app);
    };

    public void Dispose() => connections.Dispose();

    private async Task Check(HttpContext context)
    {
        Interlocked.Increment(ref writes);
        for (var tries = 0; connections.Count() > 0; tries++)
        {
            if (tries == Tries)
            {
                Found.Add($"{context.Request.Method} {context.Request.Path} {context.Response.StatusCode}: {connections.Count()}");
                return;
            }

            await Task.Delay(Every);
        }
    }

    private sealed class WatchedStream(Stream inner, Func<Task> check) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await check();
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
