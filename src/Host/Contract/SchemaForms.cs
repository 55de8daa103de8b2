using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>
/// Adds facts that the framework does not know: bodies with unknown members are rejected, and some types omit null members.
/// </summary>
internal static class SchemaForms
{
    /// <summary>Marks a schema (in memory only) in which a member without a value is absent.</summary>
    public const string OmitsNull = "omits-null";

    /// <summary>The names of members (in memory only) that are absent without a value.</summary>
    public const string OmittedIfNull = "omitted-if-null";

    public static void Tidy(IDictionary<string, IOpenApiSchema> forms)
    {
        var ofRequests = forms
            .Where(form => form.Key.EndsWith("Request", StringComparison.Ordinal))
            .SelectMany(form => Within(form.Value, forms))
            .ToHashSet();
        foreach (var schema in ofRequests)
        {
            schema.AdditionalPropertiesAllowed = schema.Properties is not { Count: > 0 };
        }

        // A response has all its members, except in types that omit members without a value.
        foreach (var schema in forms
            .Where(form => !form.Key.EndsWith("Request", StringComparison.Ordinal)).Select(form => form.Value).OfType<OpenApiSchema>())
        {
            schema.Required = new SortedSet<string>(schema.Properties?.Keys ?? [], StringComparer.Ordinal);
        }

        foreach (var schema in forms.Values.OfType<OpenApiSchema>()
            .Where(form => form.Metadata?.ContainsKey(OmitsNull) == true).SelectMany(form => Within(form, forms)).ToList())
        {
            Omit(schema, _ => true);
        }

        // Requests may still send null.
        foreach (var schema in forms.Values.OfType<OpenApiSchema>().Except(ofRequests))
        {
            if (schema.Metadata?.TryGetValue(OmittedIfNull, out var names) == true)
            {
                Omit(schema, ((IReadOnlySet<string>)names).Contains);
            }
        }
    }

    private static void Omit(OpenApiSchema schema, Func<string, bool> isOmittedIfNull)
    {
        foreach (var (name, property) in (
            schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).Where(member => isOmittedIfNull(member.Key)))
        {
            if (property is OpenApiSchema { Type: { } type } nullable && type.HasFlag(JsonSchemaType.Null))
            {
                nullable.Type = type & ~JsonSchemaType.Null;
                schema.Required?.Remove(name);
            }
            else if (property.OneOf?.FirstOrDefault(choice => choice.Type == JsonSchemaType.Null) is not null)
            {
                schema.Properties![name] = property.OneOf.Single(choice => choice.Type != JsonSchemaType.Null);
                schema.Required?.Remove(name);
            }
        }
    }

    /// <summary>Returns the schema and all schemas that its members, items and values refer to.</summary>
    private static HashSet<OpenApiSchema> Within(IOpenApiSchema root, IDictionary<string, IOpenApiSchema> forms)
    {
        var seen = new HashSet<OpenApiSchema>();
        var open = new Stack<IOpenApiSchema?>([root]);
        while (open.TryPop(out var next))
        {
            var schema = next is OpenApiSchemaReference reference ? forms[reference.Reference.Id!] as OpenApiSchema : next as OpenApiSchema;
            if (schema is null || !seen.Add(schema))
            {
                continue;
            }

            foreach (var child in (schema.Properties?.Values ?? []).Concat(schema.OneOf ?? [])
                .Append(schema.Items).Append(schema.AdditionalProperties))
            {
                open.Push(child);
            }
        }

        return seen;
    }
}
