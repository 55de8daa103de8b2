using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Ecgs;

public sealed class OwnershipTests(RunningParts parts)
{
    /// <summary>Gets the method and the rest of the path of every route with the id of an ECG.</summary>
    public static TheoryData<string, string> Routes => new()
    {
        { "GET", "" },
        { "GET", "/insights" },
        { "GET", "/beats" },
        { "GET", "/signal?lead=I" },
        { "GET", "/accesses" },
        { "POST", "/reprocess" },
        { "DELETE", "" },
    };

    [Fact, Trait("Hosts", "one")]
    public void Every_route_with_the_id_of_an_ecg_is_tested()
    {
        const string prefix = $"{EcgCalls.Route}/{{id}}";
        var routes = parts.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Address() == prefix || route.Address().StartsWith($"{prefix}/", StringComparison.Ordinal))
            .SelectMany(
                route => route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods,
                (route, method) => $"{method} {route.Address()}");

        Assert.Equal(
            routes.Where(route => !route.StartsWith("HEAD ", StringComparison.Ordinal)).Order(),
            Routes.Select(row => $"{row.Data.Item1} {prefix}{row.Data.Item2.Split('?')[0]}").Order());
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Ecg_of_another_owner_and_an_unknown_ecg_return_the_same_404(string method, string path)
    {
        using var owner = await parts.Host.NewOwner();
        using var other = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -1, 2);
        Assert.Equal("processed", await owner.EndStatus(ecg));

        var another = await NotFound(other, method, $"{EcgCalls.Route}/{ecg}{path}");
        var unknown = await NotFound(other, method, $"{EcgCalls.Route}/{Guid.CreateVersion7()}{path}");
        var malformed = await NotFound(other, method, $"{EcgCalls.Route}/no-id{path}");

        Assert.Equal(unknown, another);
        Assert.Equal(unknown, malformed);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).StatusCode);
    }

    [Fact]
    public async Task List_contains_only_ecgs_of_the_caller()
    {
        using var owner = await parts.Host.NewOwner();
        using var other = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        var own = await owner.GetStringAsync(EcgCalls.Route);
        var others = await other.GetStringAsync(EcgCalls.Route);

        Assert.Contains(ecg.ToString(), own, StringComparison.Ordinal);
        Assert.Equal("""{"items":[],"next":null}""", others);
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Admin_gets_403_from_every_ecg_endpoint(string method, string path)
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        foreach (var name in new[] { "admin", "superadmin" })
        {
            using var admin = await parts.Host.SignIn(name, "users:read");
            using var response = await admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"{EcgCalls.Route}/{ecg}{path}"));

            // An admin cannot get a scope for ECGs, so the audience of their tokens does not include the ECG API.
            await response.Problem(HttpStatusCode.Forbidden);
        }
    }

    [Theory, InlineData("admin"), InlineData("superadmin")]
    public async Task An_admin_gets_no_token_for_ecgs(string name)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.SignIn(name, "ecgs:read"));

        Assert.Contains("invalid_scope", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_require_the_read_scope_and_uploads_the_write_scope()
    {
        using var reader = await parts.Host.NewOwner("ecgs:read");
        using var writer = await parts.Host.NewOwner("ecgs:write");

        await (await reader.Upload(EcgCalls.Body(1))).Problem(HttpStatusCode.Forbidden);
        await (await writer.GetAsync(EcgCalls.Route)).Problem(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.Accepted, (await writer.Upload(EcgCalls.Body(1))).StatusCode);
    }

    /// <summary>Sends a request that must return 404, and returns the response without the parts that differ for each request.</summary>
    private static async Task<string> NotFound(HttpClient client, string method, string address)
    {
        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), address));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        Assert.True(body.Remove("traceId"));
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key.ToLowerInvariant() is not ("date" or "x-request-id" or "content-length" or "ratelimit"))
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
        return $"{(int)response.StatusCode}\n{string.Join('\n', headers)}\n{body.ToJsonString()}";
    }
}
