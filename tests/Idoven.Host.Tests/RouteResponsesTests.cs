using System.Text;
using Idoven.Host.Tests.Identity;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>
/// Documents what protects each route of the running host: the limit of its body, the shares of its callers, whether an attempt is counted,
/// what is recorded in the audit log, and whether the user must authenticate again. A route without an entry fails the build.
/// </summary>
[Trait("Hosts", "one")]
public sealed class RouteResponsesTests(RunningParts parts)
{
    private const string None = "-";

    /// <summary>Gets the shares other than <c>requests</c> and <c>unfinished bodies</c>, which depend on the token.</summary>
    private static readonly Dictionary<string, string[]> MoreShares = new()
    {
        ["POST /api/v1/ecgs"] =
            ["uploads in progress", "memory for uploads", "stored samples", "turns of the analysis", "requests that wait for insights"],
        ["POST /api/v1/ecgs/{id}/reprocess"] = ["turns of the analysis"],
        ["GET /api/v1/ecgs/{id}/signal"] = ["downloads in progress"],
        ["GET /api/v1/ecgs/{id}/beats"] = ["downloads in progress"],
        ["PATCH /api/v1/users/{id}"] = ["e-mails"],
        ["POST /account/email/verification"] = ["e-mails"],
        ["POST /account/recover"] = ["e-mails", "requests for recovery"],
    };

    /// <summary>Gets how routes that change something for a caller with a token authenticate the user again, or why they do not.</summary>
    private static readonly Dictionary<string, string> StepUps = new()
    {
        ["PATCH /api/v1/users/{id}"] = "a sign-in of the last 15 minutes, to change a name or an address",
        ["POST /account/password"] = "the password",
        ["POST /account/second-factor"] = "the password",
        ["POST /account/second-factor/confirm"] = "a code of the new app",
        ["POST /account/second-factor/off"] = "the password and a code",
        ["POST /account/recovery-codes"] = "the password and a code",
        ["POST /account/email/verification"] = "no: it sends a link to the user",
        ["DELETE /account/applications/{id}"] = "no: it only removes rights",
        ["DELETE /account/sessions"] = "no: it only removes rights",
        ["DELETE /account/sessions/{id}"] = "no: it only removes rights",
        ["POST /api/v1/clients"] = "no: it returns no credential that gives access to an ECG",
        ["PATCH /api/v1/clients/{id}"] = "no: a client with access to ECGs changes its keys itself",
        ["DELETE /api/v1/clients/{id}"] = "no: machine clients and administrators call it",
        ["POST /api/v1/clients/{id}/secrets"] = "no: a client with access to ECGs changes its secrets itself",
        ["POST /api/v1/clients/{id}/enrolment"] = "no: for a client that has no ECG yet",
        ["POST /api/v1/ecgs"] = "no: machine clients call it",
        ["DELETE /api/v1/ecgs/{id}"] = "no: machine clients call it",
        ["POST /api/v1/ecgs/{id}/reprocess"] = "no: it changes no stored recording",
        ["POST /api/v1/users"] = "no: machine clients call it",
        ["DELETE /api/v1/users/{id}"] = "a sign-in of the last 15 minutes, if a user calls it; not for a machine client",
        ["POST /api/v1/users/{id}/activation"] = "no: machine clients call it",
        ["POST /api/v1/{module}/operations/parked/{id}/replay"] = "no: for superadministrators only",
        ["POST /api/v1/{module}/operations/parked/{id}/discard"] = "no: for superadministrators only",
    };

    /// <summary>Gets what is recorded for routes without an audit action of their own, by the beginning of the address.</summary>
    private static readonly (string Method, string Prefix, string Record)[] Records =
    [
        ("POST", "/connect/", "by its handler"),
        ("GET", "/connect/", "by its handler"),
        ("POST", "/account/", "by its handler"),
        ("GET", "/account/", "no: reads of accounts are not recorded"),
        ("GET", "/api/v1/users", "no: reads of accounts are not recorded"),
        ("GET", "/api/v1/clients", "no: reads of clients are not recorded"),
        ("GET", "/api/v1/identity/operations/", "no: it shows no health data"),
        ("GET", "/asyncapi/", "no: public"),
        ("GET", "/openapi/", "no: public"),
        ("GET", "/docs/", "no: public"),
        ("GET", "/problems/", "no: public"),
        ("GET", "/health/", "no: the management port"),
        ("GET", "/metrics", "no: the management port"),
    ];

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> the test writes the document instead.</summary>
    [Fact]
    public async Task Responses_document_equals_the_responses_of_the_host()
    {
        var path = Path.Combine(Repository.Root, "docs", "routes.md");
        var printed = Print();
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);
    }

    [Fact]
    public void Every_route_has_documented_responses() => Assert.Empty(AccessTests.Routes(parts.Host).SelectMany(Missing));

    [Fact]
    public void Every_documented_response_belongs_to_a_route_and_a_limited_resource()
    {
        var routes = AccessTests.Routes(parts.Host).SelectMany(route => new[] { Name(route), OfAnyModule(route) }).ToHashSet();
        Assert.Empty(MoreShares.Keys.Concat(StepUps.Keys).Except(routes));
        Assert.Empty(
            MoreShares.Values.SelectMany(shares => shares).Except(
                parts.Host.Services.GetServices<LimitedResource>().Select(thing => thing.Name)));
    }

    [Fact]
    public void Route_without_documented_responses_is_reported()
    {
        var needsToken = new AuthorizeAttribute("users:write");
        Assert.Equal(
            [
                "GET /api/v2/new: record", "POST /api/v2/new: record", "POST /api/v2/new: step-up",
                "POST /api/v1/users/new: step-up", "POST /account/large: body",
            ],
            new[]
            {
                HostRoutes.Create("GET", "/api/v2/new", needsToken), HostRoutes.Create("POST", "/api/v2/new", needsToken),
                HostRoutes.Create("POST", "/api/v1/users/new", needsToken, new AuditedRoute("users", "user.new")),
                HostRoutes.Create("POST", "/account/large", new AllowAnonymousAttribute(), new Large()),
            }.SelectMany(Missing));
    }

    [Fact]
    public async Task No_page_is_written_while_its_request_holds_a_connection_to_the_database()
    {
        var settings = await parts.OwnParts();
        using var held = new HeldConnections(settings);
        await using var host = await RunningHost.Start(settings, held.Watch);
        var pages = AccessTests.Routes(host)
            .Where(
                route =>
                    !route.NeedsToken() && route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true)
            .ToList();
        Assert.True(pages.Count > 10, $"only {pages.Count} pages were found");
        foreach (var page in pages)
        {
            using var request = new HttpRequestMessage(new HttpMethod(AccessTests.Method(page)), page.Address());
            request.Content = AccessTests.Method(page) == "POST" ? new FormUrlEncodedContent([KeyValuePair.Create("step", "none")]) : null;
            (await host.Anonymous.SendAsync(request)).Dispose();
        }

        var (app, person) = (await host.NewApp(), await host.NewPerson());
        using var browser = new Browser(host);
        await host.Tokens(browser, app, person);

        Assert.True(held.Writes > pages.Count, $"only {held.Writes} writes were watched");
        Assert.True(held.Found.IsEmpty, string.Join('\n', held.Found.Distinct()));
    }

    private static IEnumerable<string> Missing(RouteEndpoint route)
    {
        if (Body(route) is null)
        {
            yield return $"{Name(route)}: body";
        }

        if (Record(route) is null)
        {
            yield return $"{Name(route)}: record";
        }

        if (StepUp(route) is null)
        {
            yield return $"{Name(route)}: step-up";
        }
    }

    private static string? Body(RouteEndpoint route) => (AccessTests.Method(route), Name(route)) switch
    {
        ("GET" or "DELETE", _) => None,
        (_, "POST /api/v1/ecgs") => "`Ecgs:MaxBodyBytes`, 10 kB/s at least",
        _ when route.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null => null,
        _ => route.NeedsToken() ? "64 KiB" : "64 KiB, read completely first",
    };

    private static string Shares(RouteEndpoint route)
    {
        string[] always = route.NeedsToken() ? ["requests"] : Body(route) == None ? [] : ["unfinished bodies of requests without a token"];
        string[] secrets = CountedSecretsTests.TakesSecret(route) ? ["attempts that wait", "hashes of passwords"] : [];
        var all = always.Concat(MoreShares.GetValueOrDefault(Name(route), [])).Concat(secrets).ToList();
        return all.Count == 0 ? "only connections to the database" : string.Join(", ", all);
    }

    private static string? Record(RouteEndpoint route)
    {
        var notes = route.Metadata.GetOrderedMetadata<AuditedRoute>();
        var path = Name(route).Split(' ')[1];
        if (notes.Count > 0)
        {
            return string.Join(", ", notes.Select(note => $"`{note.Action}`").Distinct());
        }

        var listed = Records.FirstOrDefault(
            record => record.Method == AccessTests.Method(route) && path.StartsWith(record.Prefix, StringComparison.Ordinal));
        return listed.Record
            ?? (path.EndsWith("/operations/parked", StringComparison.Ordinal)
                ? "no: it shows no health data"
                : path == "/" ? "no: public" : null);
    }

    private static string? StepUp(RouteEndpoint route) =>
        AccessTests.Method(route) == "GET" || !route.NeedsToken()
            ? None
            : StepUps.GetValueOrDefault(Name(route)) ?? StepUps.GetValueOrDefault(OfAnyModule(route));

    private static string OfAnyModule(RouteEndpoint route) =>
        System.Text.RegularExpressions.Regex.Replace(Name(route), "^(.* /api/v1/)[a-z]+(/operations/.*)$", "$1{module}$2");

    private static string Name(RouteEndpoint route) => $"{AccessTests.Method(route)} {route.Address()}";

    private string Print()
    {
        var text = new StringBuilder(
            """
            # Protection of each route

            Printed from the running host by `RouteResponsesTests`; a route without an entry in each column fails the build.
            The shares are those of [shares.md](shares.md), the audit actions those of [audit.md](audit.md). Bodies:
            `BodyBoundTests`. Counted attempts: `CountedSecretsTests`. No response is written while its request holds a connection
            to the database: `EveryStatusTests` for the operations of the API, `RouteResponsesTests` for pages.

            | route | body | shares | attempts | recorded | requires authentication again |
            |---|---|---|---|---|---|

            """);
        foreach (var route in AccessTests.Routes(parts.Host)
            .OrderBy(route => route.RoutePattern.RawText, StringComparer.Ordinal)
            .ThenBy(AccessTests.Method, StringComparer.Ordinal))
        {
            var attempts = CountedSecretsTests.TakesSecret(route) ? "counted" : None;
            text.Append($"| {Name(route)} | {Body(route)} | {Shares(route)} | {attempts} | {Record(route)} | {StepUp(route)} |\n");
        }

        return text.ToString();
    }

    /// <summary>Represents a route that sets its own limit.</summary>
    private sealed class Large : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
