using System.Globalization;
using System.Text.Json.Nodes;

namespace Idoven.Host.Tests.Contract;

/// <summary>
/// Finds the changes between a released OpenAPI document and another one that break clients. Additions do not: a route, a
/// status, a member of a response, an optional member of a request.
/// </summary>
internal sealed class BreakingChanges
{
    private readonly JsonObject released;
    private readonly JsonObject current;
    private readonly List<string> found = [];
    private readonly HashSet<(JsonNode, JsonNode, bool)> compared = [];

    private BreakingChanges(JsonObject released, JsonObject current) => (this.released, this.current) = (released, current);

    public static IReadOnlyList<string> Between(JsonObject released, JsonObject current)
    {
        var changes = new BreakingChanges(released, current);
        changes.Compare();
        return changes.found;
    }

    private void Compare()
    {
        foreach (var (path, operations) in released["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var name = operation!["operationId"]!.GetValue<string>();
                if (current["paths"]![path]?[method] is not { } now)
                {
                    found.Add($"{name}: {method} {path} was removed");
                    continue;
                }

                AddIf(now["operationId"]!.GetValue<string>() != name, name, "has another operationId");
                CompareScopes(name, operation, now);
                CompareParameters(name, operation, now);
                CompareBody(name, operation["requestBody"], now["requestBody"]);
                CompareResponses(name, operation["responses"]!.AsObject(), now["responses"]!);
            }
        }

        // Generated clients have a class for each schema.
        foreach (var (schema, _) in released["components"]!["schemas"]!.AsObject())
        {
            AddIf(current["components"]!["schemas"]![schema] is null, "components:", $"the schema {schema} was removed");
        }
    }

    private void CompareScopes(string name, JsonNode was, JsonNode now)
    {
        // One of several requirements is enough: a client that met one before must still meet one.
        foreach (var held in Requirements(was))
        {
            var lacking = Requirements(now).Select(required => required.Except(held).ToList()).MinBy(scopes => scopes.Count)!;
            found.AddRange(lacking.Select(scope => $"{name}: the scope {scope} is newly required"));
        }

        static List<List<string>> Requirements(JsonNode operation) => operation["security"] is JsonArray { Count: > 0 } security
            ?
            [
                .. security.Select(requirement => requirement!.AsObject()
                    .SelectMany(scheme => scheme.Value!.AsArray()).Select(scope => scope!.GetValue<string>()).ToList()),
            ]
            : [[]];
    }

    private void CompareParameters(string name, JsonNode was, JsonNode now)
    {
        var (before, after) = (Parameters(was), Parameters(now));
        foreach (var (parameter, node) in before)
        {
            if (!after.TryGetValue(parameter, out var its))
            {
                found.Add($"{name}: the parameter {parameter} was removed");
                continue;
            }

            AddIf(IsRequired(its) && !IsRequired(node), $"{name} {parameter}", "is newly required");
            CompareSchema($"{name} {parameter}", node["schema"]!, its["schema"]!, isRequest: true);
        }

        foreach (var parameter in after.Where(parameter => !before.ContainsKey(parameter.Key) && IsRequired(parameter.Value)))
        {
            found.Add($"{name}: the parameter {parameter.Key} is new and required");
        }

        static Dictionary<string, JsonNode> Parameters(JsonNode operation) =>
            (operation["parameters"]?.AsArray() ?? []).ToDictionary(
                parameter => parameter!["name"]!.GetValue<string>(), parameter => parameter!);
    }

    private void CompareBody(string name, JsonNode? was, JsonNode? now)
    {
        AddIf(now is not null && IsRequired(now) && (was is null || !IsRequired(was)), $"{name} body", "is newly required");
        CompareContent($"{name} body", was?["content"], now?["content"], isRequest: true);
    }

    private void CompareResponses(string name, JsonObject was, JsonNode now)
    {
        foreach (var (status, response) in was)
        {
            if (now[status] is not { } its)
            {
                found.Add($"{name}: the status {status} was removed");
                continue;
            }

            foreach (var (header, _) in response!["headers"]?.AsObject() ?? [])
            {
                AddIf(its["headers"]?[header] is null, $"{name} {status} {header}", "was removed");
            }

            CompareContent($"{name} {status}", response["content"], its["content"], isRequest: false);
        }
    }

    private void CompareContent(string name, JsonNode? was, JsonNode? now, bool isRequest)
    {
        foreach (var (type, media) in was?.AsObject() ?? [])
        {
            if (now?[type] is not { } its)
            {
                found.Add($"{name}: the media type {type} was removed");
                continue;
            }

            CompareSchema(name, media!["schema"]!, its["schema"]!, isRequest);
        }
    }

    private void CompareSchema(string name, JsonNode was, JsonNode now, bool isRequest)
    {
        (was, now) = (Resolve(was, released), Resolve(now, current));
        if (!compared.Add((was, now, isRequest)))
        {
            return;
        }

        CompareTypes(name, was, now, isRequest);
        CompareValues(name, was, now, isRequest);
        if (isRequest)
        {
            CompareLimits(name, was, now);
        }

        var (before, after) = (was["properties"]?.AsObject() ?? [], now["properties"]?.AsObject() ?? []);
        foreach (var (member, schema) in before)
        {
            if (after[member] is { } its)
            {
                CompareSchema($"{name} /{member}", schema!, its, isRequest);
            }
            else
            {
                found.Add($"{name} /{member} was removed");
            }
        }

        // A request must not need more members than before, and a response must not have fewer.
        var (needed, needs) = (Required(was), Required(now));
        foreach (var member in isRequest ? needs.Except(needed) : needed.Except(needs).Where(after.ContainsKey))
        {
            found.Add($"{name} /{member} {(isRequest ? "is newly required" : "may be absent now")}");
        }

        foreach (var inner in new[] { "items", "additionalProperties" })
        {
            if (was[inner] is JsonObject inside && now[inner] is JsonObject its)
            {
                CompareSchema($"{name} {inner}", inside, its, isRequest);
            }
        }

        static IEnumerable<string> Required(JsonNode schema) =>
            schema["required"]?.AsArray().Select(member => member!.GetValue<string>()) ?? [];
    }

    /// <summary>A request must not have fewer types or values to choose from, and a response must not have more.</summary>
    private void CompareTypes(string name, JsonNode was, JsonNode now, bool isRequest)
    {
        var (before, after) = (Types(was), Types(now));
        foreach (var type in isRequest ? before.Except(after) : after.Except(before))
        {
            found.Add($"{name}: {type} {(isRequest ? "is no longer accepted" : "is new as a type")}");
        }

        AddIf(was["format"]?.ToJsonString() != now["format"]?.ToJsonString(), name, "has another format");

        static IEnumerable<string> Types(JsonNode schema) => schema["type"] switch
        {
            JsonArray types => types.Select(type => type!.GetValue<string>()),
            { } type => [type.GetValue<string>()],
            null => schema["oneOf"]?.AsArray().Select(choice => choice!.ToJsonString()) ?? [],
        };
    }

    private void CompareValues(string name, JsonNode was, JsonNode now, bool isRequest)
    {
        var (before, after) = (Values(was), Values(now));
        if (before is null && after is not null && isRequest)
        {
            found.Add($"{name} accepts only some values now");
        }
        else if (before is not null && after is null && !isRequest)
        {
            found.Add($"{name} may have any value now");
        }
        else if (before is not null && after is not null)
        {
            foreach (var value in isRequest ? before.Except(after) : after.Except(before))
            {
                found.Add($"{name}: the value {value} is {(isRequest ? "no longer accepted" : "new")}");
            }
        }

        static List<string>? Values(JsonNode schema) => schema["enum"]?.AsArray().Select(value => value!.ToJsonString()).ToList();
    }

    private void CompareLimits(string name, JsonNode was, JsonNode now)
    {
        foreach (var limit in new[] { "maximum", "exclusiveMaximum", "maxLength", "maxItems" })
        {
            AddIf(Number(now[limit]) is { } its && (Number(was[limit]) is not { } before || its < before), name, $"has a narrower {limit}");
        }

        foreach (var limit in new[] { "minimum", "exclusiveMinimum", "minLength", "minItems" })
        {
            AddIf(Number(now[limit]) is { } its && (Number(was[limit]) is not { } before || its > before), name, $"has a narrower {limit}");
        }

        AddIf(now["pattern"] is not null && now["pattern"]!.ToJsonString() != was["pattern"]?.ToJsonString(), name, "has another pattern");

        static double? Number(JsonNode? value) =>
            value is null ? null : double.Parse(value.ToJsonString().Trim('"'), CultureInfo.InvariantCulture);
    }

    private static JsonNode Resolve(JsonNode schema, JsonObject document) => schema["$ref"]?.GetValue<string>() is { } reference
        ? document["components"]!["schemas"]![reference.Split('/')[^1]]!
        : schema["oneOf"]?.AsArray() is [{ } none, { } form] && none["type"]?.ToJsonString() == "\"null\"" && form["$ref"] is not null
            ? Nullable(form, document)
            : schema;

    /// <summary>Returns one schema for a schema or null.</summary>
    private static JsonObject Nullable(JsonNode form, JsonObject document)
    {
        var schema = Resolve(form, document).DeepClone().AsObject();
        schema["type"] = new JsonArray("null", "object");
        return schema;
    }

    private void AddIf(bool isBroken, string name, string what)
    {
        if (isBroken)
        {
            found.Add($"{name} {what}");
        }
    }

    private static bool IsRequired(JsonNode node) => node["required"]?.GetValue<bool>() == true;
}
