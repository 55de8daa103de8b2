using System.Globalization;
using System.Text.Json;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>Writes CloudEvents 1.0 in structured mode (<c>application/cloudevents+json</c>).</summary>
internal static class CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    public static string SourceOf(string module) => $"/idoven/{module}";

    public static string TypeOf(MessageContract contract) => $"idoven.{contract.RoutingKey}";

    public static byte[] Render(MessageContract contract, OutboxMessage message, string module)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", message.MessageId);
            json.WriteString("source", SourceOf(module));
            json.WriteString("type", TypeOf(contract));
            json.WriteString("subject", message.Key);
            json.WriteString("time", message.CreatedAt);
            json.WriteString("datacontenttype", "application/json");
            json.WriteString("sequence", message.Sequence!.Value.ToString(CultureInfo.InvariantCulture));
            json.WritePropertyName("data");
            json.WriteRawValue(message.Body);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
