using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Contract;

/// <summary>Checks the OpenAPI document, from which integrators generate their clients.</summary>
[Trait("Hosts", "one")]
public sealed class OpenApiTests(RunningParts parts)
{
    private static readonly string CheckedIn = Path.Combine(Repository.Root, "docs", "openapi.json");
    private static readonly string[] PagesForPeople =
    [
        "get /account/activate", "post /account/activate/form", "get /account/email", "post /account/email/form",
        "get /account/recovery", "get /account/recovery/code", "post /account/recovery/form",
    ];
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task Checked_in_OpenAPI_document_equals_that_of_the_running_host()
    {
        var document = await Document();
        var text = document.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(CheckedIn, text);
        }

        Assert.Equal(await File.ReadAllTextAsync(CheckedIn), text);
        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_of_the_running_host_is_documented_with_its_error_responses()
    {
        var paths = (await Document())["paths"]!.AsObject();
        var routes = parts.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (Path: route.Address(), Methods: route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(route =>
                route.Path.StartsWith("/api/", StringComparison.Ordinal) || route.Path.StartsWith("/account/", StringComparison.Ordinal))
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

    [Fact]
    public async Task Examples_match_their_schemas_and_operations_have_descriptions()
    {
        var contract = await ApiContract.Read(parts.Host);
        var (examples, wrong) = (0, new List<string>());
        foreach (var operation in contract.Operations)
        {
            wrong.AddRange(
                new[] { "summary", "description" }
                    .Where(word => operation.Node[word] is null).Select(word => $"{operation.Id} has no {word}"));
            foreach (var parameter in operation.Node["parameters"]?.AsArray() ?? [])
            {
                Check($"{operation.Id} {parameter!["name"]}", parameter["schema"]!, parameter["example"]);
            }

            var contents = operation.Node["responses"]!.AsObject().Select(response => (response.Key, Content: response.Value!["content"]))
                .Append(("body", operation.Node["requestBody"]?["content"]));
            foreach (var (name, content) in contents)
            {
                foreach (var (type, media) in content?.AsObject() ?? [])
                {
                    if (type.EndsWith("json", StringComparison.Ordinal))
                    {
                        Check($"{operation.Id} {name}", media!["schema"]!, media["example"]);
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(examples > 300, $"only {examples} examples were found");

        void Check(string name, JsonNode schema, JsonNode? example)
        {
            examples++;
            wrong.AddRange(example is null
                ? [$"{name} has no example"]
                : contract.Errors(schema, JsonElement.Parse(example.ToJsonString())).Select(error => $"{name}: {error}"));
        }
    }

    /// <summary>Client generators and linters require this of every document.</summary>
    [Fact]
    public async Task Document_states_the_security_of_operations_the_item_type_of_arrays_and_the_server()
    {
        var contract = await ApiContract.Read(parts.Host);
        var anonymous = AccessTests.Routes(parts.Host).Where(route => !route.NeedsToken())
            .Select(route => $"{AccessTests.Method(route)} {route.Address()}").ToHashSet();

        Assert.Equal("/", contract.Document["servers"]![0]!["url"]!.GetValue<string>());
        Assert.All(contract.Operations, operation => Assert.Equal(
            anonymous.Contains($"{operation.Method} {operation.Path}"), operation.Node["security"]!.AsArray().Count == 0));
        Assert.Empty(ArraysWithoutItems(contract.Document, "#"));
        Assert.Equal(
            ["#/x"], ArraysWithoutItems(JsonNode.Parse("""{"x":{"type":["null","array"]},"y":{"type":"array","items":{}}}"""), "#"));
    }

    private static IEnumerable<string> ArraysWithoutItems(JsonNode? node, string pointer) => node switch
    {
        JsonArray array => array.SelectMany((item, i) => ArraysWithoutItems(item, $"{pointer}/{i}")),
        JsonObject schema => schema.Where(pair => pair.Key != "example")
            .SelectMany(pair => ArraysWithoutItems(pair.Value, $"{pointer}/{pair.Key}"))
            .Concat(IsArray(schema["type"]) && schema["items"] is null ? [pointer] : []),
        _ => [],
    };

    private static bool IsArray(JsonNode? type) => type switch
    {
        JsonArray types => types.Any(IsArray),
        JsonValue value => value.ToString() == "array",
        _ => false,
    };

    [Fact]
    public async Task Value_that_breaks_its_schema_is_reported()
    {
        var contract = await ApiContract.Read(parts.Host);
        var schema = JsonNode.Parse("""{"$ref":"#/components/schemas/Problem"}""")!;
        const string good = """{"type":"/problems/x","title":"x","status":400,"traceId":"1"}""";

        Assert.Empty(contract.Errors(schema, JsonElement.Parse(good)));
        foreach (var bad in new[]
        {
            """{"type":"/problems/x"}""", good.Replace("400", "\"400\"", StringComparison.Ordinal),
            good.Replace("}", ",\"secret\":1}", StringComparison.Ordinal),
        })
        {
            Assert.NotEmpty(contract.Errors(schema, JsonElement.Parse(bad)));
        }
    }

    private async Task<JsonObject> Document() =>
        JsonNode.Parse(await parts.Host.Anonymous.GetStringAsync("/openapi/v1.json"))!.AsObject();
}
