using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>The contract that integrators generate their clients from.</summary>
public sealed class OpenApiTests(RunningParts parts)
{
    private static readonly string CheckedIn = Path.Combine(Repository.Root, "docs", "openapi.json");
    private static readonly string[] PagesForPeople = ["get /account/activate", "post /account/activate/form"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact, Trait("Hosts", "one")]
    public async Task The_document_of_the_running_host_is_the_checked_in_one()
    {
        var document = await Document();

        // Where it is served is the installation's, not the contract's.
        document.Remove("servers");
        var text = document.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(CheckedIn, text);
        }

        Assert.Equal(await File.ReadAllTextAsync(CheckedIn), text);
        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact, Trait("Hosts", "one")]
    public async Task Every_route_of_the_running_host_is_in_the_document_with_its_refusals()
    {
        var paths = (await Document())["paths"]!.AsObject();
        var routes = parts.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (Path: $"/{route.RoutePattern.RawText!.Trim('/')}", Methods: route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(route => route.Path.StartsWith("/api/", StringComparison.Ordinal) || route.Path.StartsWith("/account/", StringComparison.Ordinal))
            .SelectMany(route => route.Methods, (route, method) => (route.Path, Method: method.ToLowerInvariant()))
            .Where(route => !PagesForPeople.Contains($"{route.Method} {route.Path}"))
            .ToList();

        Assert.True(routes.Count > 20, "the routes were not found");
        Assert.All(routes, route =>
        {
            var responses = paths[route.Path]?[route.Method]?["responses"]?.AsObject();
            Assert.True(responses is not null, $"{route.Method} {route.Path} is not in the document");
            Assert.Contains(responses, response => response.Key.StartsWith('2'));
            Assert.Contains(responses, response => response.Key.StartsWith('4'));
        });
    }

    private async Task<JsonObject> Document() =>
        JsonNode.Parse(await parts.Host.Anonymous.GetStringAsync("/openapi/v1.json"))!.AsObject();
}
