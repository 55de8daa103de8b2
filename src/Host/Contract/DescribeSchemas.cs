using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Idoven.Host.Contract;

/// <summary>Gives forms and their members the words of their docstrings, and members with a few known values those values.</summary>
internal sealed class DescribeSchemas : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is not { AttributeProvider: MemberInfo member } || schema.Properties is { Count: > 0 })
        {
            // A form is described once, whichever member leads to it.
            schema.Description = Docstrings.Find(context.JsonTypeInfo.Type) ?? schema.Description;
            if (context.JsonTypeInfo.Type.IsDefined(typeof(OmitsNullAttribute), inherit: false))
            {
                (schema.Metadata ??= new Dictionary<string, object>())[SchemaForms.OmitsNull] = true;
            }

            if (MembersOmittedIfNull(context.JsonTypeInfo) is { Count: > 0 } omitted)
            {
                (schema.Metadata ??= new Dictionary<string, object>())[SchemaForms.OmittedIfNull] = omitted;
            }

            return Task.CompletedTask;
        }

        schema.Description = Docstrings.Find(member) ?? schema.Description;
        if (member.IsDefined(typeof(AllowedValuesAttribute), inherit: false))
        {
            var values = (AllowedValuesAttribute)member.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false)[0];
            var described = schema.Type?.HasFlag(JsonSchemaType.Array) == true ? (OpenApiSchema)schema.Items! : schema;
            described.Enum = [.. values.Values.Select(value => JsonValue.Create((string?)value)!)];
        }

        return Task.CompletedTask;
    }

    private static HashSet<string> MembersOmittedIfNull(JsonTypeInfo type) =>
    [
        .. type.Properties
            .Where(property => property.AttributeProvider is MemberInfo member
                && member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.WhenWritingNull })
            .Select(property => property.Name),
    ];
}
