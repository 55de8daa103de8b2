using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Ecgs;

public sealed class OwnershipTests(RunningParts parts)
{
    /// <summary>Every route that names an ECG.</summary>
    public static TheoryData<string, string> Doors => new()
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
            .SelectMany(route => route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods, (route, method) => $"{method} {route.Address()}");

        Assert.Equal(
            routes.Where(route => !route.StartsWith("HEAD ", StringComparison.Ordinal)).Order(),
            Doors.Select(row => $"{row.Data.Item1} {prefix}{row.Data.Item2.Split('?')[0]}").Order());
    }

    [Theory, MemberData(nameof(Doors))]
    public async Task Another_owners_ecg_and_an_unknown_one_answer_alike(string method, string door)
    {
        using var owner = await parts.Host.NewOwner();
        using var other = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -1, 2);
        Assert.Equal("processed", await owner.EndStatus(ecg));

        var another = await Refusal(other, method, $"{EcgCalls.Route}/{ecg}{door}");
        var unknown = await Refusal(other, method, $"{EcgCalls.Route}/{Guid.CreateVersion7()}{door}");
        var malformed = await Refusal(other, method, $"{EcgCalls.Route}/no-id{door}");

        Assert.Equal(unknown, another);
        Assert.Equal(unknown, malformed);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).StatusCode);
    }

    [Fact]
    public async Task A_list_holds_own_ecgs_only()
    {
        using var owner = await parts.Host.NewOwner();
        using var other = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        var own = await owner.GetStringAsync(EcgCalls.Route);
        var others = await other.GetStringAsync(EcgCalls.Route);

        Assert.Contains(ecg.ToString(), own, StringComparison.Ordinal);
        Assert.Equal("""{"items":[],"next":null}""", others);
    }

    [Theory, MemberData(nameof(Doors))]
    public async Task An_admin_is_refused_at_every_door(string method, string door)
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        foreach (var name in new[] { "admin", "superadmin" })
        {
            using var admin = await parts.Host.SignIn(name, "users:read");
            using var response = await admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"{EcgCalls.Route}/{ecg}{door}"));

            // No scope of ECGs is granted to an admin, so no token of theirs is for this audience at all.
            await response.Problem(HttpStatusCode.Forbidden);
        }
    }

    [Theory, InlineData("admin"), InlineData("superadmin")]
    public async Task An_admin_gets_no_token_for_ecgs(string name)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.SignIn(name, "ecgs:read"));

        Assert.Contains("invalid_scope", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_needs_the_scope_of_reading_and_writing_that_of_writing()
    {
        using var reader = await parts.Host.NewOwner("ecgs:read");
        using var writer = await parts.Host.NewOwner("ecgs:write");

        await (await reader.Upload(EcgCalls.Body(1))).Problem(HttpStatusCode.Forbidden);
        await (await writer.GetAsync(EcgCalls.Route)).Problem(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.Accepted, (await writer.Upload(EcgCalls.Body(1))).StatusCode);
    }

    /// <summary>Everything of the answer but what belongs to the one request.</summary>
    private static async Task<string> Refusal(HttpClient client, string method, string address)
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
