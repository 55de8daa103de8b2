using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Authorization;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests headers that every response must have and details that none may reveal, for any request. The routes are read from the host, so a
/// new route is tested without a change here.
/// </summary>
[Trait("Hosts", "one")]
public sealed partial class EveryResponseTests(RunningParts parts)
{
    private const string Garbage =
        "?limit=-1&cursor=%FF%00&from=never&to=99999-01-01&format=%00&wait=x&client_id=%00&redirect_uri=%00&response_type=%FF"
        + "&scope=%00&max_age=x&id_token_hint=a.b.c&token=%00&user_code=%00";

    /// <summary>Gets the addresses that OpenIddict handles, which are not routes, and one that does not exist.</summary>
    private static readonly string[] TokenServer =
    [
        "GET /.well-known/openid-configuration", "GET /.well-known/jwks", "POST /connect/device", "POST /connect/introspect",
        "POST /connect/revoke", "POST /connect/token", "GET /nowhere",
    ];

    /// <summary>
    /// Gets the responses that are the same for every caller: they may be cached for a minute, or if they are revalidated each time.
    /// </summary>
    private static readonly (string Begins, string Cache)[] MayBeKept =
    [
        ("GET /.well-known/", "public, max-age=60"), ("GET /docs/", "no-cache"),
    ];

    private static readonly (string Type, byte[] Bytes)[] Bodies =
    [
        ("application/json", "{"u8.ToArray()),
        ("application/json", "[null]"u8.ToArray()),
        ("application/json", """{"name":"\u0000","username":"\ud800","leads":1e400,"token":{},"password":[]}"""u8.ToArray()),
        ("application/json", [0xff, 0xfe, 0x00]),
        ("application/json", Encoding.ASCII.GetBytes(new string('[', 10_000))),
        ("application/json; charset=none", "{}"u8.ToArray()),
        ("application/x-www-form-urlencoded", Encoding.ASCII.GetBytes(Garbage[1..] + "&grant_type=%00&client_assertion=a.b.c&answer=%FF")),
        ("application/x-www-form-urlencoded", "grant_type=refresh_token&refresh_token=a.b.c.d.e&client_id=idoven-cli"u8.ToArray()),
        ("multipart/form-data", "--"u8.ToArray()),
        ("text/plain", "{}"u8.ToArray()),
    ];

    [Fact]
    public async Task Invalid_requests_never_cause_500_reveal_internals_or_get_a_cacheable_response()
    {
        var wrong = new List<string>();
        var responses = 0;
        foreach (var (name, token) in await Routes())
        {
            var words = name.Split(' ');
            foreach (var id in new[] { Guid.CreateVersion7().ToString(), "..%2f..%2fetc%2fpasswd", "%FF'%22" })
            {
                var address = PathParameter().Replace(words[1], id);
                await Try(new HttpRequestMessage(new HttpMethod(words[0]), address));
                await Try(new HttpRequestMessage(new HttpMethod(words[0]), address + Garbage));
                if (address == words[1])
                {
                    break; // The route has no parameter.
                }
            }

            foreach (var (type, bytes) in words[0] is "GET" or "DELETE" ? [] : Bodies)
            {
                var content = new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
                await Try(
                    new HttpRequestMessage(new HttpMethod(words[0]), PathParameter().Replace(words[1], Guid.CreateVersion7().ToString()))
                    {
                        Content = content,
                    });
            }

            async Task Try(HttpRequestMessage request)
            {
                responses++;
                using var client = parts.Host.Client(token);
                foreach (var (header, value) in new[]
                {
                    ("Origin", AnotherOrigin.Value), ("If-Match", "\"\\"), ("If-None-Match", "W/"),
                    ("Idempotency-Key", new string('k', 1000)), ("Prefer", "wait=99999999999999999999"),
                    ("Accept", "*/*;q=x"), ("Range", "bytes=9-1"), ("Cookie", "idoven-session=%00; idoven-form=x; idoven-device=CfDJ8"),
                    ("traceparent", "00-zz"), ("X-Forwarded-For", "nowhere"),
                })
                {
                    request.Headers.TryAddWithoutValidation(header, value);
                }

                using var response = await client.SendAsync(request);
                var body = (int)response.StatusCode < 400 ? "" : await response.Content.ReadAsStringAsync();
                var cache = response.Headers.CacheControl?.ToString() ?? "";
                string?[] faults =
                [
                    (int)response.StatusCode >= 500 ? "" : null,
                    Inside().Match(body) is { Success: true } told ? $"tells {told.Value}" : null,
                    Header("X-Content-Type-Options") == "nosniff" ? null : "may be taken for another type",
                    cache.Contains("no-store", StringComparison.Ordinal)
                        || MayBeKept.Any(kept => name.StartsWith(kept.Begins, StringComparison.Ordinal) && cache == kept.Cache)
                        ? null
                        : $"may be kept: {cache}",
                    Header("x-request-id").Length > 0 ? null : "has no id",
                    Header("Server").Length == 0 ? null : "names the server's software",
                    .. CrossOriginTests.Faults(words[1], response).Select(fault => $"to another origin: {fault}"),
                    Header("Vary").Contains("Origin", StringComparison.Ordinal) ? null : "does not vary by Origin",
                ];
                wrong.AddRange(
                    faults.OfType<string>().Select(
                        fault =>
                            $"{request.Method} {request.RequestUri} {request.Content?.Headers.ContentType}: {(int)response.StatusCode} "
                                + $"{fault} {body}"));

                string Header(string header) => string.Join(", ", response.Headers.TryGetValues(header, out var values) ? values : []);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.InRange(responses, 400, int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"{responses} answers");
    }

    [Fact]
    public async Task Token_response_is_not_cacheable()
    {
        using var response = await parts.Host.Anonymous.PostAsync(
            "/connect/token", new FormUrlEncodedContent((await parts.Host.NewPerson()).PasswordGrant()));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Responses_over_https_have_strict_transport_security()
    {
        await using var overTls = await RunningHost.Start(
            parts.Settings, ("Auth:Issuer", "https://ecg.example.org/"), ("Demo:Anywhere", "true"));
        using var client = overTls.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        Assert.Equal(["max-age=31536000"], (await client.GetAsync("/connect/verify")).Headers.GetValues("Strict-Transport-Security"));
        Assert.Equal(["max-age=31536000"], (await client.GetAsync(EcgCalls.Route)).Headers.GetValues("Strict-Transport-Security"));
        Assert.False((await parts.Host.Anonymous.GetAsync(EcgCalls.Route)).Headers.Contains("Strict-Transport-Security"));
    }

    /// <summary>Returns the routes, each with a token that it accepts if it needs one.</summary>
    private async Task<IReadOnlyList<(string Name, string? Token)>> Routes()
    {
        var routes = TokenServer.Select(name => (name, (string?)null)).ToList();
        foreach (var route in AccessTests.Routes(parts.Host).Where(
            route =>
                !route.RoutePattern.RawText!.Contains("/health", StringComparison.Ordinal)
                    && !route.RoutePattern.RawText!.Contains("/metrics", StringComparison.Ordinal)))
        {
            var token = route.Metadata.GetMetadata<IAllowAnonymous>() is null
                ? (await RouteToken.For(parts.Host, route)).Make(parts.Host, parts.Settings.Issuer)
                : null;
            routes.Add(($"{AccessTests.Method(route)} {route.Address()}", token));
        }

        return routes;
    }

    [GeneratedRegex("[{][^}]*[}]")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@"\w*Exception\b|\n +at |\.cs\b|Npgsql|MassTransit|Microsoft\.|System\.|/src/|\b[0-9]{5}: ")]
    private static partial Regex Inside();
}
