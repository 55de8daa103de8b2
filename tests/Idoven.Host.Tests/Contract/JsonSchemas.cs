using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Idoven.Host.Tests.Contract;

/// <summary>
/// Validates values by the named schemas of a document (JSON Schema 2020-12), strictly: an undeclared member is an error.
/// </summary>
internal sealed class JsonSchemas
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private readonly JsonObject definitions;
    private readonly string prefix;

    public JsonSchemas(JsonObject schemas, string prefix)
    {
        this.prefix = prefix;
        definitions = Rooted(schemas).AsObject();
        Close(definitions);
    }

    public IReadOnlyList<string> Errors(JsonNode schema, JsonElement value)
    {
        var rooted = Rooted(schema).AsObject();
        Close(rooted);
        rooted["$defs"] = definitions.DeepClone();
        var result = JsonSchema.FromText(rooted.ToJsonString()).Evaluate(value, Options);
        return result.IsValid
            ? []
            :
            [
                .. (result.Details ?? []).Where(detail => detail.HasErrors)
                    .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")),
            ];
    }

    private JsonNode Rooted(JsonNode schema) =>
        JsonNode.Parse(schema.ToJsonString().Replace(prefix, "#/$defs/", StringComparison.Ordinal))!;

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Close(item);
            }
        }

        if (node is not JsonObject schema)
        {
            return;
        }

        foreach (var (_, child) in schema)
        {
            Close(child);
        }

        if (schema["properties"] is JsonObject && schema["type"] is not null && !schema.ContainsKey("additionalProperties"))
        {
            schema["additionalProperties"] = false;
        }
    }
}
