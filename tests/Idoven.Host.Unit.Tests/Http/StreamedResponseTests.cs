using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Idoven.Host.Http;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class StreamedResponseTests
{
    private const int MaxAdvances = 5000;
    private static readonly TimeSpan FailsAfter = TimeSpan.FromSeconds(30);
    private static readonly byte[] Piece = new byte[StreamedResponse.PieceBytes];
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task The_time_limit_applies_to_each_piece()
    {
        await using var client = new StallingClient();
        var writing = Write(client, pieces: 100);
        for (var piece = 0; piece < 100; piece++)
        {
            await client.Asked();
            clock.Advance(StreamedResponse.PieceLimit - TimeSpan.FromTicks(1));
            client.Read();
        }

        await writing;
        Assert.Equal(100 * Piece.Length, client.Bytes);
    }

    [Fact]
    public async Task Pieces_that_were_read_quickly_do_not_extend_the_limit_of_a_later_one()
    {
        await using var client = new StallingClient();
        var writing = Write(client, pieces: 101);
        for (var piece = 0; piece < 100; piece++)
        {
            await client.Asked();
            client.Read();
        }

        await client.Asked();
        clock.Advance(StreamedResponse.PieceLimit);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(FailsAfter));
    }

    [Fact]
    public async Task A_piece_is_sent_when_it_is_full()
    {
        using var body = new MemoryStream();
        await StreamedResponse.Write(Context(body), "text/plain", contentLength: null, async response =>
        {
            response.Output.Write(Piece.AsSpan(1));
            await response.FlushFullPiece();
            Assert.Equal(0, body.Length);

            response.Output.Write(Piece.AsSpan(0, 1));
            await response.FlushFullPiece();
            Assert.Equal(Piece.Length, body.Length);

            response.Output.Write("end"u8);
        });
        Assert.Equal(Piece.Length + 3, body.Length);
    }

    [Fact]
    public async Task Bytes_are_sent_completely_with_their_length()
    {
        var bytes = Enumerable.Range(0, (3 * Piece.Length) + 7).Select(i => (byte)i).ToArray();
        using var body = new MemoryStream();
        var context = Context(body);

        await StreamedResponse.Bytes(bytes, "application/json").ExecuteAsync(context);

        Assert.Equal(bytes, body.ToArray());
        Assert.Equal(("application/json", bytes.Length), (context.Response.ContentType, context.Response.ContentLength));
    }

    /// <summary>Tests the real server with a client that reads nothing. Only the test's clock moves.</summary>
    [Fact]
    public async Task The_server_aborts_the_connection_of_a_client_that_reads_nothing()
    {
        var ended = new TaskCompletionSource();
        await using var app = await Start(async context =>
        {
            await StreamedResponse.Write(context, "text/plain", contentLength: null, async response =>
            {
                while (true)
                {
                    response.Output.Write(Piece);
                    await response.Flush();
                }
            });
            ended.SetResult();
        });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        var address = new Uri(app.Urls.Single());
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n"u8.ToArray());
        var first = new byte[1];
        Assert.Equal(1, await socket.ReceiveAsync(first));

        for (var advances = 0; !ended.Task.IsCompleted && advances < MaxAdvances; advances++)
        {
            clock.Advance(StreamedResponse.PieceLimit);
            await Task.WhenAny(ended.Task, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        Assert.True(ended.Task.IsCompleted, "the connection was not aborted");
        var rest = new byte[1 << 16];
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (await socket.ReceiveAsync(rest) > 0)
            {
            }
        });
    }

    [Theory, InlineData(null), InlineData(10_000_000L)]
    public async Task A_failure_after_the_first_byte_aborts_the_connection(long? length)
    {
        // A reset connection discards what the client has not read yet.
        var hasRead = new TaskCompletionSource();
        await using var app = await Start(context => StreamedResponse.Write(context, "text/plain", length, async response =>
        {
            response.Output.Write(Piece);
            await response.Flush();
            await hasRead.Task;
            throw new InvalidDataException("secret detail");
        }));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, length), (response.StatusCode, response.Content.Headers.ContentLength));
        hasRead.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failure_before_the_first_byte_is_a_problem()
    {
        await using var app = await Start(context => StreamedResponse.Write(context, "text/plain", 10_000_000, response =>
        {
            response.Output.Write("a part"u8);
            throw new InvalidDataException("secret detail");
        }));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var response = await client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(
            (HttpStatusCode.InternalServerError, "application/problem+json"),
            (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("""{"type":"/problems/internal-error",""", body, StringComparison.Ordinal);
    }

    private Task Write(Stream body, int pieces) =>
        StreamedResponse.Write(Context(body), "text/plain", contentLength: null, async response =>
    {
        for (var piece = 0; piece < pieces; piece++)
        {
            response.Output.Write(Piece);
            await response.FlushFullPiece();
        }
    });

    private DefaultHttpContext Context(Stream body) => new()
    {
        RequestServices = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).BuildServiceProvider(),
        Response = { Body = body },
    };

    private async Task<WebApplication> Start(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddProblemDetails(
            Problems.Apply).AddExceptionHandler<ExceptionToProblemHandler>().AddSingleton<TimeProvider>(clock);
        var app = builder.Build();
        app.UseExceptionHandler();
        app.Run(handle);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Represents a client whose writes complete only when <see cref="Read"/> is called.</summary>
    private sealed class StallingClient : MemoryStream
    {
        private readonly SemaphoreSlim asked = new(0);
        private readonly SemaphoreSlim read = new(0);

        public long Bytes { get; private set; }

        public Task Asked() => asked.WaitAsync(TestContext.Current.CancellationToken);

        public void Read() => read.Release();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            asked.Release();
            await read.WaitAsync(cancellationToken);
            Bytes += buffer.Length;
        }

        protected override void Dispose(bool disposing)
        {
            asked.Dispose();
            read.Dispose();
            base.Dispose(disposing);
        }
    }
}
