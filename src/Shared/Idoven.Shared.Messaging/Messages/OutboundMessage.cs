using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>A stored message in the form in which it is sent.</summary>
internal sealed record OutboundMessage(string Exchange, string RoutingKey, BasicProperties Properties, byte[] Body)
{
    /// <summary>The durable topic exchange for public events.</summary>
    public const string EventsExchange = "idoven.events";

    /// <summary>Creates a message between modules in MassTransit's envelope, which its consumers read by default.</summary>
    public static OutboundMessage ToModules(MessageContract contract, OutboxMessage message) =>
        Envelope(contract, message, contract.Exchange);

    /// <summary>Creates a message between modules for one queue only.</summary>
    public static OutboundMessage ToQueue(MessageContract contract, OutboxMessage message, string queue) =>
        Envelope(contract, message, queue);

    /// <summary>Creates a public event: a CloudEvents 1.0 document in structured JSON.</summary>
    public static OutboundMessage ToEventsExchange(MessageContract contract, OutboxMessage message, string module)
    {
        var body = CloudEvent.Render(contract, message, module);
        var properties = PropertiesOf(message, CloudEvent.ContentType);
        return new OutboundMessage(EventsExchange, contract.RoutingKey!, properties, body);
    }

    private static OutboundMessage Envelope(MessageContract contract, OutboxMessage message, string exchange)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("messageId", message.MessageId);
            json.WriteString("conversationId", message.MessageId);
            json.WriteStartArray("messageType");
            json.WriteStringValue(MessageUrn.ForTypeString(contract.Type));
            json.WriteEndArray();
            json.WritePropertyName("message");
            json.WriteRawValue(message.Body);
            json.WriteString("sentTime", message.CreatedAt.UtcDateTime);
            json.WriteStartObject("headers");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var properties = PropertiesOf(message, SystemTextJsonMessageSerializer.JsonContentType.MediaType);
        if (Activity.Current?.Id is { } current)
        {
            // MassTransit's consumers take the parent of their span from this header.
            properties.Headers![DiagnosticHeaders.ActivityId] = current;
        }

        return new OutboundMessage(exchange, "", properties, buffer.ToArray());
    }

    private static BasicProperties PropertiesOf(OutboxMessage message, string contentType)
    {
        var properties = new BasicProperties
        {
            MessageId = message.MessageId.ToString("D", CultureInfo.InvariantCulture),
            ContentType = contentType,
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(message.CreatedAt.ToUnixTimeSeconds()),
            Headers = new Dictionary<string, object?>(),
        };
        if ((Activity.Current?.Id ?? message.Traceparent) is { } traceparent)
        {
            properties.Headers["traceparent"] = traceparent;
        }

        return properties;
    }
}
