using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>Represents an operation of the OpenAPI document.</summary>
internal sealed record Operation(string Id, HttpMethod Method, string Path, JsonObject Node)
{
    public IEnumerable<string> Statuses =>
        Node["responses"]!.AsObject().Select(response => response.Key).Where(status => status != "default");

    /// <summary>Gets the scope that the operation requires, or null if it needs no token.</summary>
    public string? Scope => Node["security"]?.AsArray() is [{ } first, ..] ? first["oauth2"]![0]!.GetValue<string>() : null;

    /// <summary>Gets the example of the request body, or null if the operation has none.</summary>
    public JsonObject? Body => Node["requestBody"]?["content"]!["application/json"]!["example"]!.DeepClone().AsObject();

    public bool Takes(string parameter) =>
        Node["parameters"]?.AsArray().Any(candidate => candidate!["name"]!.GetValue<string>() == parameter) == true;
}

/// <summary>Reads the OpenAPI document: lists its operations, and checks responses against it.</summary>
internal sealed class ApiContract
{
    private readonly JsonSchemas schemas;

    private ApiContract(JsonObject document)
    {
        Document = document;
        schemas = new JsonSchemas(document["components"]!["schemas"]!.AsObject(), "#/components/schemas/");
        Operations =
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select new Operation(
                   operation.Value!["operationId"]!.GetValue<string>(), new HttpMethod(operation.Key.ToUpperInvariant()), path.Key,
                   operation.Value.AsObject()),
        ];
        Assert.True(Operations.Count > 30, "the operations were not found");
    }

    public JsonObject Document { get; }

    public IReadOnlyList<Operation> Operations { get; }

    public static async Task<ApiContract> Read(RunningHost host) =>
        new(JsonNode.Parse(await host.Anonymous.GetStringAsync("/openapi/v1.json"))!.AsObject());

    /// <summary>Returns the errors of a JSON value by a schema of the document.</summary>
    public IEnumerable<string> Errors(JsonNode schema, JsonElement value) => schemas.Errors(schema, value);

    /// <summary>Returns the differences between a response and the documentation of its operation and status.</summary>
    public async Task<IReadOnlyList<string>> Differences(Operation operation, string status, HttpResponseMessage response, RunningHost host)
    {
        if ($"{(int)response.StatusCode}" != status)
        {
            return [$"the status is {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}"];
        }

        var documented = operation.Node["responses"]![status]!;
        var broken = Headers(documented)
            .Where(header => header.Value!["required"]?.GetValue<bool>() == true && !response.Headers.Contains(header.Key))
            .Select(header => $"the header {header.Key} is missing").ToList();
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var content = documented["content"]?.AsObject();
        var type = response.Content.Headers.ContentType?.MediaType;
        if (content is null)
        {
            return bytes.Length == 0 ? broken : [.. broken, "there is a body"];
        }

        if (type is null || content[type] is not { } media)
        {
            return [.. broken, $"{type} is not among {string.Join(", ", content.Select(media => media.Key))}"];
        }

        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            var body = JsonElement.Parse(bytes);
            broken.AddRange(Errors(media["schema"]!, body));
            if (type == "application/problem+json"
                && (await host.Anonymous.GetAsync(body.GetProperty("type").GetString())).StatusCode != System.Net.HttpStatusCode.OK)
            {
                broken.Add($"{body.GetProperty("type")} has no page");
            }
        }

        return broken;
    }

    private IEnumerable<KeyValuePair<string, JsonNode?>> Headers(JsonNode response) =>
        from header in response["headers"]?.AsObject() ?? []
        select KeyValuePair.Create(header.Key, Document["components"]!["headers"]![header.Key]);
}
