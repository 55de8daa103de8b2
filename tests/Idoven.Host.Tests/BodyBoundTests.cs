using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Tests;

/// <summary>What a body may hold of the host before it is whole, on every route that takes one.</summary>
[Trait("Hosts", "one")]
public sealed class BodyBoundTests(RunningParts parts)
{
    private const int Announced = 25 * 1024 * 1024;
    private static readonly string[] WithBody = ["POST", "PUT", "PATCH"];

    [Fact]
    public async Task Every_route_answers_an_announced_body_of_25_MB_without_waiting_for_it()
    {
        // The upload has limits of its own.
        var routes = AccessTests.Routes(parts.Host)
            .Where(route => WithBody.Contains(AccessTests.Method(route)) && AccessTests.Name(route) != "POST /api/v1/ecgs/")
            .Select(route => (Name: AccessTests.Name(route), Route: (RouteEndpoint?)route))
            .Concat((await FormEndpoints()).Select(path => (Name: $"POST {path}", Route: (RouteEndpoint?)null)))
            .DistinctBy(route => route.Name)
            .ToList();
        Assert.Contains(routes, route => route.Name == "POST /connect/token");
        Assert.True(routes.Count > 30, "the routes were not found");

        foreach (var (name, route) in routes)
        {
            var token = route?.NeedsToken() == true
                ? (await RouteToken.For(parts.Host, route)).Make(parts.Host, parts.Settings.Issuer)
                : null;
            var type = name.Contains("/api/", StringComparison.Ordinal) ? "application/json" : "application/x-www-form-urlencoded";
            using var socket = await Begin(name, type, token);
            var answer = await Answer(socket);

            // A route that needs a token and no body may do its work: the body is discarded.
            Assert.True(answer == 413 || (token is not null && answer < 500), $"{name}: {answer}");
        }
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "unfinished bodies of requests without a token")]
    public async Task An_address_with_stalled_forms_is_rejected_and_another_one_is_served()
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
            using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "none")]));
            return response.StatusCode;
        }
    }

    /// <summary>The endpoints of the token server that no route of the host names.</summary>
    private async Task<IEnumerable<string>> FormEndpoints()
    {
        using var discovery = JsonDocument.Parse(await parts.Host.Anonymous.GetStringAsync("/.well-known/openid-configuration"));
        return discovery.RootElement.EnumerateObject()
            .Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal))
            .Select(member => new Uri(member.Value.GetString()!).AbsolutePath)
            .ToList();
    }

    private async Task<Socket> Begin(string route, string type, string? token)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await socket.ConnectAsync(IPAddress.Loopback, parts.Host.Address.Port);
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{id}", $"{Guid.Empty}", StringComparison.Ordinal));
        var head = string.Create(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {Announced}\r\nIf-Match: *\r\n")
            + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + "\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head));
        return socket;
    }

    private static async Task<int> Answer(Socket socket)
    {
        var line = new byte[12];
        for (var read = 0; read < line.Length;)
        {
            var now = await socket.ReceiveAsync(line.AsMemory(read));
            Assert.NotEqual(0, now);
            read += now;
        }

        return int.Parse(Encoding.ASCII.GetString(line)[9..], CultureInfo.InvariantCulture);
    }
}
