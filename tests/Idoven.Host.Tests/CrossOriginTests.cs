using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Contract;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests what pages of other origins may call and read (CORS). <see cref="EveryStatusTests"/> checks that every response of the API,
/// including errors, has the header.
/// </summary>
[Trait("Hosts", "one")]
public sealed class CrossOriginTests(RunningParts parts)
{
    private const string AllowOrigin = "Access-Control-Allow-Origin";
    private static readonly string[] OpenToAll = ["/api/", "/.well-known/", "/openapi/", "/asyncapi/", "/problems/"];
    private static readonly string[] TokenServer = ["/connect/token", "/connect/revoke", "/connect/device", "/connect/userinfo"];

    /// <summary>Returns whether pages of every origin may read the address.</summary>
    public static bool IsOpenToAll(string address) => OpenToAll.Any(prefix => address.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Returns the differences between the CORS headers of a response and those that a page of another origin must get.</summary>
    public static IEnumerable<string> Faults(string address, HttpResponseMessage response)
    {
        if (!IsOpenToAll(address))
        {
            return response.Headers.Select(header => header.Key).Where(IsOfCors);
        }

        return Header(response, AllowOrigin) == "*" && Header(response, "Access-Control-Allow-Credentials") is null
            ? response.Headers.Select(header => header.Key).Where(IsForClients)
                .Except(List(response, "Access-Control-Expose-Headers"), StringComparer.OrdinalIgnoreCase)
                .Select(header => $"another origin cannot read {header}")
            : ["another origin cannot read it"];
    }

    [Fact]
    public async Task Every_open_route_allows_preflight_requests_of_any_origin_with_the_documented_headers()
    {
        var contract = await ApiContract.Read(parts.Host);
        string[] headers =
        [
            "authorization", "content-type", "traceparent",
            .. contract.Operations.SelectMany(operation => operation.Node["parameters"]?.AsArray() ?? [])
                .Where(parameter => parameter!["in"]!.GetValue<string>() == "header")
                .Select(parameter => parameter!["name"]!.GetValue<string>().ToLowerInvariant()).Distinct(),
        ];
        Assert.True(headers.Length > 7, "the header parameters were not found");
        var routes = AccessTests.Routes(parts.Host).Where(route => IsOpenToAll(route.Address())).ToList();
        Assert.True(routes.Count > 30, $"only {routes.Count} routes were found");
        var wrong = new List<string>();
        foreach (var route in routes)
        {
            using var response = await Preflight(
                route.Address(), AnotherOrigin.Value, AccessTests.Method(route), string.Join(',', headers));
            string?[] faults =
            [
                response.StatusCode == HttpStatusCode.NoContent ? null : $"answered {(int)response.StatusCode}",
                Header(response, AllowOrigin) == "*" ? null : "does not allow the origin",
                List(response, "Access-Control-Allow-Methods").Contains(AccessTests.Method(route)) ? null : "does not allow the method",
                .. headers.Except(List(response, "Access-Control-Allow-Headers"), StringComparer.OrdinalIgnoreCase)
                    .Select(header => $"does not allow {header}"),
                Header(response, "Access-Control-Max-Age") == "7200" ? null : "is not remembered",
                Header(response, "Access-Control-Allow-Credentials") is null ? null : "allows credentials",
            ];
            wrong.AddRange(faults.OfType<string>().Select(fault => $"{AccessTests.Name(route)} {fault}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_preflight_request_does_not_allow_headers_that_proxies_set()
    {
        using var response = await Preflight(EcgCalls.Route, AnotherOrigin.Value, "GET", "x-forwarded-for,x-forwarded-proto");

        var allowed = List(response, "Access-Control-Allow-Headers");
        Assert.DoesNotContain(allowed, header => header.StartsWith("x-forwarded", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Other_routes_allow_no_preflight_request_even_of_an_application_origin()
    {
        var (_, origin) = await NewApp();
        await Eventually.Holds(async () => await AllowedByPreflight("/connect/token", origin) == origin);
        var routes = AccessTests.Routes(parts.Host).Select(route => (Address: route.Address(), Method: AccessTests.Method(route)))
            .Where(route => !IsOpenToAll(route.Address) && !TokenServer.Contains(route.Address))
            .Append(("/connect/introspect", "POST")).Append(("/nowhere", "GET")).ToList();
        Assert.True(routes.Count > 30, $"only {routes.Count} routes were found");
        var open = new List<string>();
        foreach (var (address, method) in routes)
        {
            using var response = await Preflight(address, origin, method, "authorization");
            open.AddRange(response.Headers.Select(header => header.Key).Where(IsOfCors).Select(header => $"{method} {address}: {header}"));
        }

        Assert.True(open.Count == 0, string.Join('\n', open));
    }

    [Fact]
    public async Task Token_endpoints_allow_preflight_requests_only_of_origins_of_enabled_clients()
    {
        using var admin = await parts.Host.Admin();
        var (app, origin) = await NewApp();
        await NewApp("com.example.app:/signed-in");
        string[] others =
        [
            AnotherOrigin.Value, "null", "com.example.app", "com.example.app:", $"{origin}:8443", $"{origin}/", origin.ToUpperInvariant(),
            origin.Replace("https", "http", StringComparison.Ordinal),
        ];
        foreach (var endpoint in TokenServer)
        {
            await Eventually.Holds(async () => await AllowedByPreflight(endpoint, origin) == origin);
            foreach (var other in others)
            {
                Assert.Null(await AllowedByPreflight(endpoint, other));
            }
        }

        using (var preflight = await Preflight("/connect/userinfo", origin, "GET", "authorization"))
        {
            Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
            Assert.Contains("authorization", List(preflight, "Access-Control-Allow-Headers"), StringComparer.OrdinalIgnoreCase);
            Assert.Null(Header(preflight, "Access-Control-Allow-Credentials"));
            Assert.Contains("Origin", List(preflight, "Vary"));
        }

        (await admin.PatchClient(app.Id, """{"enabled":false}""")).EnsureSuccessStatusCode();

        foreach (var endpoint in TokenServer)
        {
            await Eventually.Holds(async () => await AllowedByPreflight(endpoint, origin) is null);
        }
    }

    [Fact]
    public async Task Only_pages_of_the_client_read_responses_of_the_token_endpoints()
    {
        var (app, origin) = await NewApp();
        var (_, another) = await NewApp();
        var person = await parts.Host.NewPerson();
        using var browser = new Browser(parts.Host);
        var redirectUri = $"{origin}/signed-in";
        var code = (await browser.SignInAndAllow(app.Authorize(("redirect_uri", redirectUri)), person)).Sent("code")!;
        var form = app.Code(code);
        form["redirect_uri"] = redirectUri;

        // The code can be used once: the first response has the tokens, the others have an error.
        using var redeemed = await Send("/connect/token", origin, form);
        Assert.Equal((HttpStatusCode.OK, origin), (redeemed.StatusCode, Header(redeemed, AllowOrigin)));
        Assert.Contains("Origin", List(redeemed, "Vary"));
        Assert.Contains("x-request-id", List(redeemed, "Access-Control-Expose-Headers"));
        var tokens = (await redeemed.Content.ReadFromJsonAsync<AppTokens>())!;
        (string Address, Dictionary<string, string>? Form, HttpStatusCode Status)[] requests =
        [
            ("/connect/userinfo", null, HttpStatusCode.OK),
            ("/connect/device", app.Client(new() { ["scope"] = "openid" }), HttpStatusCode.OK),
            ("/connect/token", app.Refresh("a.b.c"), HttpStatusCode.BadRequest),
            ("/connect/revoke", app.Client(new() { ["token"] = "a.b.c" }), HttpStatusCode.OK),
        ];
        foreach (var (address, sent, status) in requests)
        {
            foreach (var from in new[] { origin, another, AnotherOrigin.Value, "null", null })
            {
                using var response = await Send(address, from, sent, tokens.AccessToken);
                var allowed = from == origin ? origin : null;
                Assert.Equal((address, from, status, allowed), (address, from, response.StatusCode, Header(response, AllowOrigin)));
                Assert.Contains("Origin", List(response, "Vary"));
                Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
            }
        }
    }

    [Fact]
    public async Task No_other_origin_reads_the_response_to_a_client_that_failed_to_authenticate()
    {
        var (app, origin) = await NewApp(isPublic: false);
        foreach (var address in new[] { "/connect/token", "/connect/revoke", "/connect/device" })
        {
            var form = app.Client(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = "a.b.c", ["token"] = "a.b.c" });
            form["scope"] = "openid";
            using var known = await Send(address, origin, form);
            Assert.Equal((address, origin), (address, Header(known, AllowOrigin)));
            form["client_secret"] += "x";
            using var wrong = await Send(address, origin, form);
            Assert.Equal((HttpStatusCode.Unauthorized, null), (wrong.StatusCode, Header(wrong, AllowOrigin)));
        }
    }

    [Fact]
    public async Task Page_reads_every_documented_response_header()
    {
        var contract = await ApiContract.Read(parts.Host);
        using var response = await Send(EcgCalls.Route, AnotherOrigin.Value, form: null);

        var named = contract.Document["components"]!["headers"]!.AsObject().Select(header => header.Key).ToList();
        Assert.True(named.Count > 5, "the headers were not found");
        Assert.Empty(named.Append("Allow").Except(List(response, "Access-Control-Expose-Headers")));
    }

    private async Task<(TestApp App, string Origin)> NewApp(string? redirectUri = null, bool isPublic = true)
    {
        var origin = $"https://{Guid.NewGuid():N}.example";
        using var admin = await parts.Host.Admin();
        using var response = await admin.PostAsync(TestClients.Route, JsonContent.Create(new Dictionary<string, object>
        {
            ["name"] = "An app in a browser",
            ["scopes"] = TestApp.Scope.Split(' ').Where(
                scope => scope != "account" && !scope.StartsWith("ecgs:", StringComparison.Ordinal)),
            ["redirectUris"] = new[] { redirectUri ?? $"{origin}/signed-in" },
            ["public"] = isPublic,
            ["deviceFlow"] = true,
        }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var client = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (new TestApp(client.ClientId(), await parts.Host.Grant(client.ClientId(), "account", "ecgs:read", "ecgs:write")), origin);
    }

    private async Task<HttpResponseMessage> Preflight(string address, string origin, string method, string headers)
    {
        var path = address.Replace("{id}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", method);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", headers);
        return await parts.Host.Anonymous.SendAsync(request);
    }

    /// <summary>Returns the origin that the endpoint allows; null for none.</summary>
    private async Task<string?> AllowedByPreflight(string address, string origin)
    {
        using var response = await Preflight(address, origin, "POST", "authorization");
        return Header(response, AllowOrigin);
    }

    /// <param name="form">The form to send; null for a GET with the token.</param>
    private async Task<HttpResponseMessage> Send(string address, string? origin, Dictionary<string, string>? form, string? token = null)
    {
        using var client = parts.Host.Client(form is null ? token : null);
        using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, address);
        request.Content = form is null ? null : new FormUrlEncodedContent(form);
        request.Headers.TryAddWithoutValidation("Origin", origin is null ? [] : [origin]);
        return await client.SendAsync(request);
    }

    /// <summary>Returns whether scripts may read a header only if it is exposed (it is not "CORS-safelisted" by Fetch).</summary>
    private static bool IsForClients(string header) =>
        !IsOfCors(header)
        && header is not ("Cache-Control" or "Pragma" or "Connection" or "Date" or "Server" or "Transfer-Encoding" or "Vary"
            or "X-Content-Type-Options");

    private static bool IsOfCors(string header) => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static string[] List(HttpResponseMessage response, string name) =>
        Header(response, name)?.Split(',', StringSplitOptions.TrimEntries) ?? [];
}
