using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Idoven.Host.Http;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Tests;

/// <summary>Tests what an incomplete body can occupy of the host, on every route that accepts one.</summary>
[Trait("Hosts", "one")]
public sealed class BodyBoundTests(RunningParts parts)
{
    private const int Announced = 25 * 1024 * 1024;
    private const int Sent = 4 * 1024 * 1024;
    private const string Upload = "POST /api/v1/ecgs/";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly string[] WithBody = ["POST", "PUT", "PATCH"];

    [Fact]
    public async Task Every_route_responds_to_an_announced_body_of_25_MB_without_waiting_for_it()
    {
        // The upload has its own limits.
        foreach (var (name, route) in (await Routes()).Where(route => route.Name != Upload))
        {
            var token = await Token(route);
            using var socket = await Begin(name, Type(name), token);
            var response = await Answer(socket);

            // A route that needs a token and no body may do its work: the body is discarded.
            Assert.True(response == 413 || (token is not null && response < 500), $"{name}: {response}");
        }
    }

    /// <summary>
    /// Most client libraries read the response after they have sent the whole body, and lose it if the connection is closed earlier.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Every_route_responds_to_a_client_that_sends_a_large_body_before_it_reads(bool isChunked)
    {
        foreach (var (name, route) in await Routes())
        {
            foreach (var token in new[] { null, await Token(route) }.Distinct())
            {
                using var socket = await Begin(name, Type(name), token, isChunked ? null : Sent);
                await SendWhole(socket, isChunked).WaitAsync(Deadline, TestContext.Current.CancellationToken);
                using var answered = new CancellationTokenSource(Deadline);
                var response = await Answer(socket, answered.Token);

                var expected = route?.NeedsToken() == true && token is null ? 401 : name == Upload ? 400 : 413;
                Assert.True(response == expected || (token is not null && response < 500), $"{name}: {response}, not {expected}");
            }
        }
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "answered requests with an unfinished body")]
    public async Task Unread_bodies_beyond_the_share_of_an_address_are_cut_off_and_those_of_others_are_not()
    {
        const string route = "POST /api/v1/users";
        var stalled = new List<Socket>();
        var address = SourceAddress.New();
        try
        {
            for (var i = 0; i < UnreadBodies.PerAddress; i++)
            {
                stalled.Add(await Begin(route, "application/json", null, from: address));
                Assert.Equal(401, await Answer(stalled[i]));
            }

            await Eventually.Holds(async () =>
            {
                using var next = await Begin(route, "application/json", null, from: address);
                Assert.Equal(401, await Answer(next));
                var begun = Stopwatch.GetTimestamp();
                await UntilClosed(next);
                return Stopwatch.GetElapsedTime(begun) < UnreadBodies.Limit / 2;
            });

            using var other = await Begin(route, "application/json", null, Sent, SourceAddress.New());
            await SendWhole(other, isChunked: false).WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.Equal(401, await Answer(other));
        }
        finally
        {
            stalled.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "unfinished bodies of requests without a token")]
    public async Task Address_at_its_share_of_stalled_forms_is_rejected_and_others_are_served()
    {
        var address = SourceAddress.New();
        using var unfinished = await UnfinishedBodies.Begin(parts.Host.Address, address);
        using var same = new HttpClient(SourceAddress.Handler(address)) { BaseAddress = parts.Host.Address };
        await Eventually.Holds(async () => await Post(same) == HttpStatusCode.TooManyRequests);

        for (var i = 0; i < 20; i++)
        {
            using var other = new HttpClient(SourceAddress.Handler(SourceAddress.New())) { BaseAddress = parts.Host.Address };
            Assert.Equal(HttpStatusCode.BadRequest, await Post(other));
        }

        static async Task<HttpStatusCode> Post(HttpClient client)
        {
            using var response = await client.PostAsync(
                "/connect/token", new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "none")]));
            return response.StatusCode;
        }
    }

    private static string Type(string name) =>
        name.Contains("/api/", StringComparison.Ordinal) ? "application/json" : "application/x-www-form-urlencoded";

    private static async Task SendWhole(Socket socket, bool isChunked)
    {
        var piece = new byte[Sent / 16];
        for (var pieces = 0; pieces < Sent / piece.Length; pieces++)
        {
            byte[] framed = isChunked ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece;
            for (var sent = 0; sent < framed.Length;)
            {
                sent += await socket.SendAsync(framed.AsMemory(sent));
            }
        }

        if (isChunked)
        {
            await socket.SendAsync("0\r\n\r\n"u8.ToArray());
        }
    }

    private static async Task UntilClosed(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[4096]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The host had received bytes that it did not read.
        }
    }

    /// <summary>Returns the routes of the host that accept a body, and the token endpoints, which are not routes.</summary>
    private async Task<IReadOnlyList<(string Name, RouteEndpoint? Route)>> Routes()
    {
        var routes = AccessTests.Routes(parts.Host)
            .Where(route => WithBody.Contains(AccessTests.Method(route)))
            .Select(route => (Name: AccessTests.Name(route), Route: (RouteEndpoint?)route))
            .Concat((await FormEndpoints()).Select(path => (Name: $"POST {path}", Route: (RouteEndpoint?)null)))
            .DistinctBy(route => route.Name)
            .ToList();
        Assert.Contains(routes, route => route.Name == "POST /connect/token");
        Assert.Contains(routes, route => route.Name == Upload);
        Assert.True(routes.Count > 30, "the routes were not found");
        return routes;
    }

    /// <summary>Returns a token that the route accepts; null if it needs none.</summary>
    private async Task<string?> Token(RouteEndpoint? route) =>
        route?.NeedsToken() == true ? (await RouteToken.For(parts.Host, route)).Make(parts.Host, parts.Settings.Issuer) : null;

    /// <summary>Gets the token endpoints that are not routes of the host.</summary>
    private async Task<IEnumerable<string>> FormEndpoints()
    {
        using var discovery = JsonDocument.Parse(await parts.Host.Anonymous.GetStringAsync("/.well-known/openid-configuration"));
        return discovery.RootElement.EnumerateObject()
            .Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal))
            .Select(member => new Uri(member.Value.GetString()!).AbsolutePath)
            .ToList();
    }

    /// <param name="length">The announced length in bytes; null for a chunked body.</param>
    private async Task<Socket> Begin(string route, string type, string? token, int? length = Announced, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await socket.ConnectAsync(IPAddress.Loopback, parts.Host.Address.Port);
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{id}", $"{Guid.Empty}", StringComparison.Ordinal));
        var framing = length is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}")
            : "Transfer-Encoding: chunked";
        var head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\n{framing}\r\nIf-Match: *\r\n"
            + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + "\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head));
        return socket;
    }

    private static async Task<int> Answer(Socket socket, CancellationToken ct = default)
    {
        var line = new byte[12];
        for (var read = 0; read < line.Length;)
        {
            var now = await socket.ReceiveAsync(line.AsMemory(read), ct);
            Assert.NotEqual(0, now);
            read += now;
        }

        return int.Parse(Encoding.ASCII.GetString(line)[9..], CultureInfo.InvariantCulture);
    }
}
