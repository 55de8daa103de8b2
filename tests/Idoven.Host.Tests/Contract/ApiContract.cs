using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>One operation of the OpenAPI document.</summary>
internal sealed record Operation(string Id, HttpMethod Method, string Path, JsonObject Node)
{
    public IEnumerable<string> Statuses => Node["responses"]!.AsObject().Select(response => response.Key).Where(status => status != "default");

    /// <summary>The scope that it requires; null for an operation without a token, whose requirements are empty.</summary>
    public string? Scope => Node["security"]?.AsArray() is [{ } first, ..] ? first["oauth2"]![0]!.GetValue<string>() : null;

    /// <summary>The example of its body.</summary>
    public JsonObject? Body => Node["requestBody"]?["content"]!["application/json"]!["example"]!.DeepClone().AsObject();

    public bool Takes(string parameter) => Node["parameters"]?.AsArray().Any(candidate => candidate!["name"]!.GetValue<string>() == parameter) == true;
}

/// <summary>The OpenAPI document as a test reads it: its operations, and whether an answer keeps what it promises.</summary>
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
               select new Operation(operation.Value!["operationId"]!.GetValue<string>(), new HttpMethod(operation.Key.ToUpperInvariant()), path.Key, operation.Value.AsObject()),
        ];
        Assert.True(Operations.Count > 30, "the operations were not found");
    }

    public JsonObject Document { get; }

    public IReadOnlyList<Operation> Operations { get; }

    public static async Task<ApiContract> Of(RunningHost host) => new(JsonNode.Parse(await host.Anonymous.GetStringAsync("/openapi/v1.json"))!.AsObject());

    /// <summary>What is wrong with a JSON value by a schema of the document.</summary>
    public IEnumerable<string> Errors(JsonNode schema, JsonElement value) => schemas.Errors(schema, value);

    /// <summary>What an answer breaks of what the document says of this operation and status; nothing where it keeps it.</summary>
    public async Task<IReadOnlyList<string>> Broken(Operation operation, string status, HttpResponseMessage answer, RunningHost host)
    {
        if ($"{(int)answer.StatusCode}" != status)
        {
            return [$"answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}"];
        }

        var promised = operation.Node["responses"]![status]!;
        var broken = Headers(promised)
            .Where(header => header.Value!["required"]?.GetValue<bool>() == true && !answer.Headers.Contains(header.Key))
            .Select(header => $"the header {header.Key} is missing").ToList();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var content = promised["content"]?.AsObject();
        var type = answer.Content.Headers.ContentType?.MediaType;
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
            if (type == "application/problem+json" && (await host.Anonymous.GetAsync(body.GetProperty("type").GetString())).StatusCode != System.Net.HttpStatusCode.OK)
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
