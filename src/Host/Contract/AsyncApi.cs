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
/// Creates the AsyncAPI 3 document of the public events from the contracts and constants that the relay publishes with.
/// </summary>
public static class AsyncApi
{
    private const string Description =
        """
        The events of ECGs, for systems in any language: JSON documents (CloudEvents 1.0, structured mode) on a durable topic
        exchange of RabbitMQ.

        A subscriber NAME declares its own queues, whose names start with `sub.NAME.`, binds them to the exchange with the routing
        keys it needs (`ecg.*.v1` for all of these), and acknowledges an event after it has stored it. Delivery is at least once:
        a repeated event has the same `id`. `sequence` numbers all events without a gap. A subscriber that misses a number, or
        that was disconnected for longer than its queue is kept, reads `GET /api/v1/events?after=SEQUENCE`. The events of one ECG
        arrive in order; `ecg.deleted.v1` is the last one.

        Within v1, members are only added: ignore members that you do not know. An incompatible change becomes v2, with its own
        routing key beside v1.
        """;

    private static readonly JsonSerializerOptions Json = new(MessageContracts.Json)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions Exporting =
        new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };

    /// <summary><c>/asyncapi/v1.json</c>.</summary>
    public static void MapAsyncApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/asyncapi/v1.json", (IServiceProvider services) =>
                TypedResults.Content(Document(services.GetServices<ModuleContracts>()).ToJsonString(), "application/json"))
            .AllowAnonymous()
            .ExcludeFromDescription();

    internal static JsonObject Document(IEnumerable<ModuleContracts> modules)
    {
        var (channels, operations, messages, schemas) = (new JsonObject(), new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (module, contract) in modules.SelectMany(
            module => module.Contracts.Public, (module, contract) => (module.Module, contract)))
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
                    ["description"] = "The RabbitMQ of the installation. Its operator provides the address and a user.",
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
                        ["description"] =
                            "Each subscriber has its own user, which can read the exchange and its own queues and cannot publish.",
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
                ["exchange"] = new JsonObject
                {
                    ["name"] = OutboundMessage.EventsExchange,
                    ["type"] = "topic",
                    ["durable"] = true,
                    ["autoDelete"] = false,
                },
                ["bindingVersion"] = "0.3.0",
            },
        },
    };

    private static JsonObject Operation(MessageContract contract) => new()
    {
        ["action"] = "send",
        ["channel"] = new JsonObject { ["$ref"] = $"#/channels/{contract.Type.Name}" },
        ["summary"] = Docstrings.Find(contract.Type),
        ["bindings"] =
            new JsonObject { ["amqp"] = new JsonObject { ["deliveryMode"] = 2, ["timestamp"] = true, ["bindingVersion"] = "0.3.0" } },
    };

    private static JsonObject Message(MessageContract contract) => new()
    {
        ["name"] = CloudEvent.TypeOf(contract),
        ["title"] = contract.Type.Name,
        ["summary"] = Docstrings.Find(contract.Type),
        ["description"] =
            "The AMQP property message-id equals the member id; the header traceparent refers to the request that caused the event.",
        ["contentType"] = CloudEvent.ContentType,
        ["payload"] = Ref("schemas", contract.Type.Name),
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject { ["messageType"] = CloudEvent.TypeOf(contract), ["bindingVersion"] = "0.3.0" },
        },
    };

    /// <summary>Describes the document that <see cref="CloudEvent.Render"/> writes.</summary>
    private static JsonObject Envelope(MessageContract contract, string module)
    {
        var members = new JsonObject
        {
            ["specversion"] = Constant("1.0", "The version of CloudEvents."),
            ["id"] = Text("This event's own id: a repetition has the same.", "uuid"),
            ["source"] = Constant(CloudEvent.SourceOf(module), "The module that publishes the event."),
            ["type"] = Constant(CloudEvent.TypeOf(contract), "The kind of event."),
            ["subject"] = Text("The id of the ECG.", "uuid"),
            ["time"] = Text("When, UTC.", "date-time"),
            ["datacontenttype"] = Constant("application/json", "The media type of data."),
            ["sequence"] = new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = "^[1-9][0-9]*$",
                ["description"] = "The number of the event. All events are numbered without a gap."
            },
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

    private static JsonObject Constant(string value, string description) =>
        new() { ["type"] = "string", ["const"] = value, ["description"] = description };

    private static JsonObject Text(string description, string format) =>
        new() { ["type"] = "string", ["format"] = format, ["description"] = description };

    private static JsonObject Ref(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    /// <summary>Adds the docstrings of the contracts. A member without a value is absent, never null.</summary>
    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var words = context.PropertyInfo?.AttributeProvider is MemberInfo member
            ? Docstrings.Find(member)
            : Docstrings.Find(context.TypeInfo.Type);
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
            schema["required"] = new JsonArray(
                [.. context.TypeInfo.Properties.Where(property => !property.IsGetNullable).Select(property => (JsonNode)property.Name)]);
        }

        return schema;
    }
}
