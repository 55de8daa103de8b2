using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests every method at every address of the running host with each kind of token. The addresses are read from the host, so a new one is
/// in the table without a change here.
/// </summary>
[Trait("Hosts", "one")]
public sealed partial class StatusTableTests(RunningParts parts)
{
    private const string Unknown = "/api/v1/nothing";
    private const string InvalidToken = "Bearer error=\"invalid_token\"";
    private const int AtOnce = 8;
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly string[] Management = ["/health", "/metrics"];
    private static readonly string[] Kinds = ["none", "valid", "wrong scope", "wrong audience", "expired"];
    private static readonly DateTime Now = TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> the test also writes the document.</summary>
    [Fact]
    public async Task Statuses_document_equals_the_statuses_of_the_host()
    {
        // The management port is not used by clients.
        var addresses = AccessTests.Routes(parts.Host)
            .GroupBy(route => route.Address())
            .Where(routes => !Management.Any(prefix => routes.Key.StartsWith(prefix, StringComparison.Ordinal)))
            .ToDictionary(routes => routes.Key, routes => routes.ToDictionary(AccessTests.Method));
        addresses.Add(Unknown, []);
        Assert.InRange(addresses.Count, 40, int.MaxValue);
        var anyRoute = addresses.SelectMany(routes => routes.Value.Values).First(route => route.NeedsToken());
        var cells = new ConcurrentDictionary<Cell, Answer>();
        var wrong = new ConcurrentBag<string>();

        await Parallel.ForEachAsync(addresses, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (address, _) =>
        {
            foreach (var method in Methods)
            {
                var route = address.Value.GetValueOrDefault(method == "HEAD" ? "GET" : method);
                var tokens = await Tokens(route is not null && route.NeedsToken() ? route : anyRoute);
                foreach (var (kind, token) in Kinds.Zip(tokens))
                {
                    cells[new(address.Key, method, kind)] = await Send(method, address.Key, token);
                }
            }

            foreach (var fault in Faults(address.Key, address.Value, cells))
            {
                wrong.Add(fault);
            }
        });

        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
        TestContext.Current.SendDiagnosticMessage($"{cells.Count} requests at {addresses.Count} addresses");
        var path = Path.Combine(Repository.Root, "docs", "statuses.md");
        var printed = Print(addresses, cells);
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);
    }

    /// <summary>HEAD of large responses and of those with another media type, which the table does not cover.</summary>
    [Fact]
    public async Task Head_returns_the_headers_of_get_without_a_body()
    {
        using var owner = await parts.Host.NewOwner();
        var body = EcgCalls.Body([.. Enumerable.Range(0, 20_000)], samplingFrequency: 250);
        using var uploaded = await EcgCalls.UntilAccepted(() => owner.Upload(body));
        var ecg = $"{uploaded.Headers.Location}";
        await Eventually.Holds(async () => (await owner.GetAsync($"{ecg}/insights")).StatusCode == HttpStatusCode.OK);
        foreach (var (address, accept) in new[]
        {
            (ecg, "application/json"), ($"{ecg}/insights", "application/json"), ($"{ecg}/beats", "text/csv"),
            ($"{ecg}/signal?lead=I", "application/json"), ($"{ecg}/signal?lead=I", "text/csv"),
            ($"{ecg}/signal?lead=I", "application/octet-stream"),
        })
        {
            using var get = await Ask(HttpMethod.Get);
            using var head = await Ask(HttpMethod.Head);

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (get.StatusCode, head.StatusCode));
            Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync());
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);

            async Task<HttpResponseMessage> Ask(HttpMethod method)
            {
                using var request = new HttpRequestMessage(method, address);
                request.Headers.Accept.ParseAdd(accept);
                return await owner.SendAsync(request);
            }
        }
    }

    /// <summary>Asserts rules that hold for every printed table.</summary>
    private IEnumerable<string> Faults(
        string address, Dictionary<string, RouteEndpoint> routes, ConcurrentDictionary<Cell, Answer> cells)
    {
        // OpenIddict responds to other methods at its addresses before routing returns 405.
        var isTokenServer = IsOfTokenServer(address);
        var allowed = string.Join(", ", Methods.Where(IsAllowed).Order(StringComparer.Ordinal));
        foreach (var method in Methods)
        {
            var route = routes.GetValueOrDefault(method == "HEAD" ? "GET" : method);
            foreach (var kind in Kinds)
            {
                var response = cells[new(address, method, kind)];
                var expected = (method, kind) switch
                {
                    _ when address == Unknown =>
                        response.IsStatus(kind == "expired" ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound),
                    ("OPTIONS", _) => response.IsStatus(HttpStatusCode.NoContent) && response.Allow == allowed,
                    ("HEAD", _) when response.Status != cells[new(address, "GET", kind)].Status || response.Length > 0 => false,
                    _ when isTokenServer => true,
                    (_, "none") when response.IsStatus(HttpStatusCode.Unauthorized) => response.Challenge == "Bearer",
                    (_, "expired") when response.IsStatus(HttpStatusCode.Unauthorized) => response.Challenge == InvalidToken,
                    _ when response.IsStatus(HttpStatusCode.MethodNotAllowed) => response.Allow == allowed,
                    _ => true,
                };
                var isRight = expected && (route?.NeedsToken() != true || kind switch
                {
                    "none" or "expired" => response.IsStatus(HttpStatusCode.Unauthorized),
                    "valid" => response.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                        && (int)response.Status < 500,
                    _ => response.IsStatus(HttpStatusCode.Forbidden) && FindScopes(route).Any(
                        scope => response.Challenge == $"Bearer error=\"insufficient_scope\", scope=\"{scope}\""),
                });
                if (!isRight)
                {
                    yield return $"{method} {address}, {kind}: {response}";
                }
            }
        }

        bool IsAllowed(string method) => isTokenServer
            ? method == "OPTIONS" || routes.ContainsKey(method == "HEAD" ? "GET" : method)
                : !cells[new(address, method, "valid")].IsStatus(HttpStatusCode.MethodNotAllowed);

        IEnumerable<string> FindScopes(RouteEndpoint route) => parts.Host.Services.GetRequiredService<AccessRules>()
            .FindScopes(route.Metadata.GetMetadata<IAuthorizeData>()!.Policy!);
    }

    private static bool IsOfTokenServer(string address) => address.StartsWith("/connect/", StringComparison.Ordinal);

    /// <summary>Creates a token of each kind; the first one is null.</summary>
    private async Task<string?[]> Tokens(RouteEndpoint route)
    {
        var good = await RouteToken.For(parts.Host, route);
        var (scope, audience) = good.Audience == EcgsScopes.Audience
            ? (UsersScopes.Read, UsersScopes.Audience)
            : (EcgsScopes.Read, EcgsScopes.Audience);
        var issuer = parts.Settings.Issuer;
        var (began, ended) = (Now.AddHours(-1), Now.AddMinutes(-1));
        return
        [
            null,
            good.Make(parts.Host, issuer),
            (good with { Scope = "profile" }).Make(parts.Host, issuer),
            (good with { Scope = scope, Audience = audience }).Make(parts.Host, issuer),
            good.Make(parts.Host, issuer, token => (token.NotBefore, token.IssuedAt, token.Expires) = (began, began, ended)),
        ];
    }

    private async Task<Answer> Send(string method, string address, string? token)
    {
        using var client = parts.Host.Client(token);
        using var request = new HttpRequestMessage(new HttpMethod(method), Parameter().Replace(address, Value));
        if (method is "POST" or "PUT" or "PATCH")
        {
            request.Content = TestUsers.Json("{}");
            request.Headers.TryAddWithoutValidation("If-Match", "*");
        }

        using var response = await client.SendAsync(request);
        var length = (await response.Content.ReadAsByteArrayAsync()).Length;
        var allow = string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal));
        return new Answer(response.StatusCode, allow, $"{response.Headers.WwwAuthenticate}", length);
    }

    private static string Value(Match parameter) => parameter.Groups["name"].Value switch
    {
        "documentName" => "v1",
        "name" => "not-found",
        _ => $"{Guid.CreateVersion7()}",
    };

    private static string Print(
        Dictionary<string, Dictionary<string, RouteEndpoint>> addresses, ConcurrentDictionary<Cell, Answer> cells)
    {
        var text = new StringBuilder(
            $"""
            # Status of each method

            Written by `StatusTableTests` from the routes of the running host; the test fails if the host returns another
            status. Each request names an id that does not exist, and its body, if it has one, is `{"{}"}`:
            404 and 400 with a valid token mean that the request reached its route. The tokens:

            - none: the request has no header `Authorization`;
            - valid: for a caller that the route allows;
            - wrong scope: for the same caller, without the scope that the route needs. `WWW-Authenticate` of the 403 names it;
            - wrong audience: for the same caller, with only a scope of another module, and so without the audience of this module.
              `WWW-Authenticate` of the 403 names the missing scope, too;
            - expired: like valid, but expired. A token of another issuer, a forged one and a revoked one get the same response.

            Both 405 and the 204 of OPTIONS have the header `Allow`. A request for an address or a method that does not exist needs
            no token: the routes are public ([openapi.json](openapi.json)), so there is nothing to protect, and a monitor
            without a token can check that the service is reachable. If a token is sent, it is checked there, too.

            The token server returns its own 400 `invalid_request` for a method that its endpoints do not have:
            at `/connect/token` and `/connect/userinfo`, and at those that are not routes and therefore not in the table,
            `/connect/device`, `/connect/introspect`, `/connect/revoke`, `/.well-known/openid-configuration`
            and `/.well-known/jwks`.

            | address | methods | {string.Join(" | ", Kinds)} |
            |---|---|{string.Concat(Kinds.Select(_ => "---|"))}

            """);
        foreach (var (address, routes) in addresses.OrderBy(pair => pair.Key == Unknown).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var rows = Methods
                .Where(method => address == Unknown || IsOf(address, method))
                .GroupBy(method => string.Join(" | ", Kinds.Select(kind => (int)cells[new(address, method, kind)].Status)));
            foreach (var row in rows)
            {
                text.Append($"| {(address == Unknown ? "any other" : address)} | {string.Join(", ", row)} | {row.Key} |\n");
            }

            // A method that this address does not support may belong to a pattern with a parameter, such as /users/{id} for /users/me.
            bool IsOf(string at, string method) =>
                IsOfTokenServer(at) || routes.ContainsKey(method == "HEAD" ? "GET" : method)
                || cells[new(at, method, "valid")].Status is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NoContent;
        }

        return text.ToString();
    }

    private sealed record Cell(string Address, string Method, string Kind);

    private sealed record Answer(HttpStatusCode Status, string Allow, string Challenge, int Length)
    {
        public bool IsStatus(HttpStatusCode status) => Status == status;
    }

    [GeneratedRegex("[{](?<name>[a-zA-Z]+)[^}]*[}]")]
    private static partial Regex Parameter();
}
