using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idoven.Shared.Messaging.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Contract;

/// <summary>
/// The AsyncAPI 3 document of the public events, made from the contracts and constants that the relay publishes with.
/// </summary>
public static class AsyncApi
{
    private const string Description =
        """
        What happens to ECGs, for systems in any language: plain JSON (CloudEvents 1.0, structured mode) on a durable topic exchange of RabbitMQ.

        A subscriber NAME declares queues of its own, named `sub.NAME.` and anything, binds them to the exchange with the routing keys it wants (`ecg.*.v1` for all of these), and
        acknowledges what it has stored. Delivery is at least once: `id` tells a repetition. `sequence` counts all events without a gap: whoever misses a number, or was away for
        longer than its queue is kept, reads `GET /api/v1/events?after=SEQUENCE`. The events of one ECG come in order; after `ecg.deleted.v1` there is none.

        Within v1 members are only added: ignore those that you do not know. What would break you becomes v2, under a routing key of its own beside v1.
        """;

    private static readonly JsonSerializerOptions Json = new(MessageContracts.Json)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions Exporting = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };

    /// <summary><c>/asyncapi/v1.json</c>.</summary>
    public static void MapAsyncApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/asyncapi/v1.json", (IServiceProvider services) =>
                TypedResults.Content(Document(services.GetServices<ModuleContracts>()).ToJsonString(), "application/json"))
            .AllowAnonymous()
            .ExcludeFromDescription();

    internal static JsonObject Document(IEnumerable<ModuleContracts> modules)
    {
        var (channels, operations, messages, schemas) = (new JsonObject(), new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (module, contract) in modules.SelectMany(module => module.Contracts.Public, (module, contract) => (module.Module, contract)))
        {
            var name = contract.Type.Name;
            channels[name] = Channel(contract);
            operations[$"send{name}"] = Operation(contract);
            messages[name] = Message(contract);
            schemas[name] = Envelope(contract, module);
            schemas[$"{name}Data"] = Json.GetJsonSchemaAsNode(contract.Type, Exporting);
        }

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Idoven events",
                ["version"] = "v1",
                ["description"] = Description,
                ["license"] = new JsonObject { ["name"] = Licence.Name, ["url"] = Licence.Url },
            },
            ["defaultContentType"] = CloudEvent.ContentType,
            ["servers"] = new JsonObject
            {
                ["broker"] = new JsonObject
                {
                    ["host"] = "localhost:5672",
                    ["protocol"] = "amqp",
                    ["protocolVersion"] = "0-9-1",
                    ["description"] = "The installation's RabbitMQ; ask whoever runs it for address and user.",
                    ["security"] = new JsonArray(Ref("securitySchemes", "subscriber")),
                },
            },
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject
            {
                ["messages"] = messages,
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["subscriber"] = new JsonObject
                    {
                        ["type"] = "userPassword",
                        ["description"] = "A user of its own for each subscriber: it reads the exchange and its own queues, and publishes nothing.",
                    },
                },
            },
        };
    }

    private static JsonObject Channel(MessageContract contract) => new()
    {
        ["address"] = contract.RoutingKey,
        ["description"] = $"The routing key {contract.RoutingKey} of the exchange {OutboundMessage.EventsExchange}.",
        ["messages"] = new JsonObject { [contract.Type.Name] = Ref("messages", contract.Type.Name) },
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject
            {
                ["is"] = "routingKey",
                ["exchange"] = new JsonObject { ["name"] = OutboundMessage.EventsExchange, ["type"] = "topic", ["durable"] = true, ["autoDelete"] = false },
                ["bindingVersion"] = "0.3.0",
            },
        },
    };

    private static JsonObject Operation(MessageContract contract) => new()
    {
        ["action"] = "send",
        ["channel"] = new JsonObject { ["$ref"] = $"#/channels/{contract.Type.Name}" },
        ["summary"] = Docstrings.Find(contract.Type),
        ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["deliveryMode"] = 2, ["timestamp"] = true, ["bindingVersion"] = "0.3.0" } },
    };

    private static JsonObject Message(MessageContract contract) => new()
    {
        ["name"] = CloudEvent.TypeOf(contract),
        ["title"] = contract.Type.Name,
        ["summary"] = Docstrings.Find(contract.Type),
        ["description"] = "The AMQP property message-id equals the member id; the header traceparent leads to the request.",
        ["contentType"] = CloudEvent.ContentType,
        ["payload"] = Ref("schemas", contract.Type.Name),
        ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["messageType"] = CloudEvent.TypeOf(contract), ["bindingVersion"] = "0.3.0" } },
    };

    /// <summary>What <see cref="CloudEvent.Render"/> writes.</summary>
    private static JsonObject Envelope(MessageContract contract, string module)
    {
        var members = new JsonObject
        {
            ["specversion"] = Constant("1.0", "Of CloudEvents."),
            ["id"] = Text("This event's own id: a repetition has the same.", "uuid"),
            ["source"] = Constant(CloudEvent.SourceOf(module), "Where it comes from."),
            ["type"] = Constant(CloudEvent.TypeOf(contract), "What happened."),
            ["subject"] = Text("The ECG it happened to.", "uuid"),
            ["time"] = Text("When, UTC.", "date-time"),
            ["datacontenttype"] = Constant("application/json", "Of data."),
            ["sequence"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[1-9][0-9]*$", ["description"] = "Its number among all events, without a gap." },
            ["data"] = Ref("schemas", $"{contract.Type.Name}Data"),
        };
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "CloudEvents 1.0.",
            ["required"] = new JsonArray([.. members.Select(member => (JsonNode)member.Key)]),
            ["properties"] = members,
        };
    }

    private static JsonObject Constant(string value, string description) => new() { ["type"] = "string", ["const"] = value, ["description"] = description };

    private static JsonObject Text(string description, string format) => new() { ["type"] = "string", ["format"] = format, ["description"] = description };

    private static JsonObject Ref(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    /// <summary>The docstrings of the contracts; and a member without a value is absent, never null.</summary>
    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var words = context.PropertyInfo?.AttributeProvider is MemberInfo member ? Docstrings.Find(member) : Docstrings.Find(context.TypeInfo.Type);
        if (words is not null)
        {
            schema["description"] = words;
        }

        if (context.PropertyInfo is not null && schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(type => type!.GetValue<string>()).Single(type => type != "null");
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(property => !property.IsGetNullable).Select(property => (JsonNode)property.Name)]);
        }

        return schema;
    }
}
