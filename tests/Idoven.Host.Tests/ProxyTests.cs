using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Http;

namespace Idoven.Host.Tests;

/// <summary>Tests the headers with which a caller, or a proxy in front of the host, describes a request.</summary>
[Trait("Hosts", "one")] // A module in a host of its own reads the keys over https, which no proxy provides here.
public sealed class ProxyTests(RunningParts parts)
{
    private const string PublicUrl = "https://ecg.example.org/";

    [Fact]
    public async Task Discovery_uses_the_public_url_for_any_host_header()
    {
        await using var host = await RunningHost.Start(parts.Settings with { Issuer = PublicUrl }, ("Demo:Anywhere", "true"));
        using var request =
            new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration") { Headers = { Host = "evil.example" } };
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "evil.example");

        using var response = await host.Anonymous.SendAsync(request);

        var addresses = Strings(await response.Content.ReadFromJsonAsync<JsonElement>())
            .Where(value => value.Contains("://", StringComparison.Ordinal))
            .ToList();
        Assert.InRange(addresses.Count, 6, int.MaxValue);
        Assert.All(addresses, address => Assert.StartsWith(PublicUrl, address, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "https", HttpStatusCode.OK)]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1", "https", HttpStatusCode.OK)]
    [InlineData("192.0.2.7, 198.51.100.0/24", "https", HttpStatusCode.BadRequest)]
    [InlineData("none", "https", HttpStatusCode.BadRequest)]
    public async Task Forwarded_https_is_accepted_only_from_a_known_proxy(string? known, string? proto, HttpStatusCode expected)
    {
        await using var host = await RunningHost.Start(
            parts.Settings with { Issuer = PublicUrl }, ("Proxies:Known", known ?? ""), ("Demo:Anywhere", "true"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration");
        if (proto is not null)
        {
            request.Headers.Add("X-Forwarded-Proto", proto);
        }

        Assert.Equal(expected, (await host.Anonymous.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1", "10.1.1.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1, 10.2.0.0/16", "10.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9")]
    [InlineData("10.2.0.0/16", "203.0.113.9", "127.0.0.1")]
    [InlineData("none", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1, 10.2.0.0/16", "10.1.1.1, 203.0.113.9, 10.2.3.4", "10.2.3.4", "1")]
    [InlineData("127.0.0.1, 10.2.0.0/16", "10.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9", "2")]
    public async Task Client_address_is_the_one_forwarded_by_the_last_known_proxy(
        string known, string forwardedFor, string expected, string hops = "")
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Proxies:Known", known), ("Proxies:Hops", hops));
        var path = $"/problems/{Guid.NewGuid():N}";
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = DiagnosticListener.AllListeners.Subscribe(new Requests(context =>
        {
            if (context.Request.Path == path)
            {
                seen.TrySetResult($"{context.Connection.RemoteIpAddress?.MapToIPv4()}");
            }
        }));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", forwardedFor);

        await host.Anonymous.SendAsync(request);

        Assert.Equal(expected, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    /// <summary>Observes every request of this process once its response is written.</summary>
    private sealed class Requests(Action<HttpContext> ended)
        : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private IDisposable? subscription;

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.AspNetCore")
            {
                subscription = value.Subscribe(
                    this, name => name.StartsWith("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "Microsoft.AspNetCore.Hosting.HttpRequestIn.Stop", Value: HttpContext context })
            {
                ended(context);
            }
        }

        public void OnError(Exception error) => Dispose();

        public void OnCompleted() => Dispose();

        public void Dispose() => subscription?.Dispose();
    }
}
