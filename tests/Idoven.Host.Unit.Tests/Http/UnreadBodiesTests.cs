using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Idoven.Host.Http;
using Idoven.Shared.Tests.Http;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Host.Unit.Tests.Http;

/// <summary>Tests the real server with clients that send the whole body before they read, as most libraries do.</summary>
public sealed class UnreadBodiesTests
{
    private const int Large = 8 << 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly byte[] Piece = new byte[1 << 20];
    private readonly FakeTimeProvider clock = new();

    /// <summary>Gets ways of a server to respond: without reading the body, over its limit, after a part of it, after all of it.</summary>
    public static TheoryData<string, bool, int> Ways
    {
        get
        {
            var ways = new TheoryData<string, bool, int>();
            foreach (var (way, status) in new[] { ("unread", 401), ("read", 413), ("form", 413), ("part", 400), ("whole", 200) })
            {
                ways.Add(way, true, status);
                ways.Add(way, false, status);
            }

            return ways;
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_client_that_sends_the_whole_body_first_gets_the_response_and_keeps_its_connection(
        string way, bool isChunked, int status)
    {
        await using var app = await Start(context => Respond(context, way));
        using var client = await Connect(app);
        for (var requests = 0; requests < 3; requests++)
        {
            await Send(client, Large, isChunked);
            Assert.Equal(status, await Status(client));
        }
    }

    [Fact]
    public async Task An_endless_body_is_discarded_up_to_the_limit()
    {
        await using var app = await Start(context => Respond(context, "unread"));
        using var client = await Connect(app);
        await client.SendAsync(Head(long.MaxValue, isChunked: false));
        var sent = 0L;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (sent < 10 * UnreadBodies.MaxBytes)
            {
                sent += await client.SendAsync(Piece).WaitAsync(Deadline, TestContext.Current.CancellationToken);
            }
        });

        // The buffers of both sockets may hold more bytes than the host has read.
        Assert.InRange(sent, UnreadBodies.MaxBytes, 2 * UnreadBodies.MaxBytes);
    }

    [Fact]
    public async Task Response_to_a_body_over_the_limit_announces_that_the_connection_closes()
    {
        await using var app = await Start(context => Respond(context, "unread"));
        using var client = await Connect(app);
        await client.SendAsync(Head(UnreadBodies.MaxBytes + 1, isChunked: false));
        Assert.Contains("Connection: close", await Read(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_waits_for_a_stalled_body_no_longer_than_the_limit()
    {
        await using var app = await Start(context => Respond(context, "unread"));
        using var client = await Connect(app);
        await client.SendAsync(Head(Large, isChunked: false));
        Assert.Equal(401, await Status(client));
        var closed = client.ReceiveAsync(new byte[1]);

        // The clock does not move, so the host waits for both bodies; the one that continues to arrive keeps its connection.
        using var slow = await Connect(app);
        await slow.SendAsync(Head(Large, isChunked: false));
        Assert.Equal(401, await Status(slow));
        for (var sent = 0; sent < Large;)
        {
            sent += await slow.SendAsync(Piece).WaitAsync(Deadline, TestContext.Current.CancellationToken);
        }

        await Send(slow, 1000, isChunked: false);
        Assert.Equal(401, await Status(slow));
        Assert.False(closed.IsCompleted);

        await UntilClosed(closed, UnreadBodies.Limit);
    }

    [Fact]
    public async Task The_host_does_not_wait_for_bodies_of_an_address_over_its_share()
    {
        await using var app = await Start(context => Respond(context, "unread"));
        var waiting = new List<Socket>();
        try
        {
            for (var i = 0; i < UnreadBodies.PerAddress; i++)
            {
                waiting.Add(await Connect(app));
                await waiting[i].SendAsync(Head(Large, isChunked: false));
                Assert.Equal(401, await Status(waiting[i]));
            }

            using var next = await Connect(app);
            await next.SendAsync(Head(Large, isChunked: false));
            Assert.Equal(401, await Status(next));

            // Small steps: on a busy machine the clock must not reach the limit of the bodies that are discarded.
            await UntilClosed(next.ReceiveAsync(new byte[1]), TimeSpan.FromMilliseconds(10));

            // The host does not wait for a body that has arrived, and another address has its own share.
            using var whole = await Connect(app);
            await Send(whole, 1000, isChunked: false);
            Assert.Equal(401, await Status(whole));
            await Send(whole, 1000, isChunked: false);
            Assert.Equal(401, await Status(whole));
            using var other = await Connect(app, IPAddress.Parse("127.7.7.7"));
            await Send(other, Large, isChunked: false);
            Assert.Equal(401, await Status(other));
            Assert.All(waiting, socket => Assert.False(socket.Poll(0, SelectMode.SelectRead)));
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task Respond(HttpContext context, string way)
    {
        if (way is "part" or "whole")
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        }

        switch (way)
        {
            case "unread":
                await Problems.Unauthorized("No token.").ExecuteAsync(context);
                break;
            case "part":
                var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
                context.Request.BodyReader.AdvanceTo(read.Buffer.GetPosition(Math.Min(10, read.Buffer.Length)), read.Buffer.End);
                await Problems.BadRequest("Not JSON.").ExecuteAsync(context);
                break;
            case "form":
                await context.Request.ReadFormAsync(context.RequestAborted);
                break;
            default:
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                await TypedResults.Json(1).ExecuteAsync(context);
                break;
        }
    }

    private static async Task<Socket> Connect(WebApplication app, IPAddress? from = null)
    {
        var address = new Uri(app.Urls.Single());
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static byte[] Head(long length, bool isChunked)
    {
        var framing = isChunked ? "Transfer-Encoding: chunked" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}");
        const string form = "application/x-www-form-urlencoded";
        return Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: test\r\nContent-Type: {form}\r\n{framing}\r\n\r\n");
    }

    private static async Task Send(Socket client, int length, bool isChunked)
    {
        await client.SendAsync(Head(length, isChunked));
        for (var left = length; left > 0; left -= Piece.Length)
        {
            var piece = Piece.AsMemory(0, Math.Min(left, Piece.Length));
            if (isChunked)
            {
                await client.SendAsync(Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"));
            }

            for (var sent = 0; sent < piece.Length;)
            {
                sent += await client.SendAsync(piece[sent..]).AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
            }

            if (isChunked)
            {
                await client.SendAsync("\r\n"u8.ToArray());
            }
        }

        if (isChunked)
        {
            await client.SendAsync("0\r\n\r\n"u8.ToArray());
        }
    }

    /// <summary>Reads one response, whose body is chunked.</summary>
    private static async Task<string> Read(Socket client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await client.ReceiveAsync(buffer).WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.True(read > 0, $"the connection was closed: {text}");
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private static async Task<int> Status(Socket client) => int.Parse((await Read(client)).AsSpan(9, 3), CultureInfo.InvariantCulture);

    /// <summary>
    /// Moves the clock until the connection is closed, at most 1000 times, because the test does not know when the host starts its
    /// timer.
    /// </summary>
    private async Task UntilClosed(Task<int> closed, TimeSpan step)
    {
        for (var steps = 0; !closed.IsCompleted && steps < 1000; steps++)
        {
            clock.Advance(step);
            await Task.WhenAny(closed, Task.Delay(100, TestContext.Current.CancellationToken));
        }

        Assert.True(closed.IsCompleted, "the connection was not closed");
        Assert.True(closed.IsFaulted || await closed == 0, "something came after the response");
    }

    private async Task<WebApplication> Start(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddProblemDetails(Problems.Apply).AddExceptionHandler<ExceptionToProblemHandler>();
        var app = builder.Build();
        app.Use(new UnreadBodies(clock).Invoke);
        app.UseExceptionHandler();
        app.Run(handle);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
