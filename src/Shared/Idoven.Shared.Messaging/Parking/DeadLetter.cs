using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Parking;

/// <summary>A message of a dead-letter queue in the form in which it is parked.</summary>
/// <param name="MessageId">The id of the message; derived from its bytes if it has none.</param>
/// <param name="Type">The full name of the message type; <see cref="Unknown"/> if the message cannot be read.</param>
/// <param name="Body">The message as JSON; if it cannot be read, an object whose <c>base64</c> holds its bytes.</param>
/// <param name="Traceparent">The trace that it belongs to; null if none is known.</param>
/// <param name="Reason">The reason why it is in the dead-letter queue.</param>
internal sealed record DeadLetter(Guid MessageId, string Type, string Body, string? Traceparent, string Reason)
{
    /// <summary>The type of a message that cannot be read.</summary>
    public const string Unknown = "unknown";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads MassTransit's envelope. Never fails: an unreadable message is kept as bytes.</summary>
    public static DeadLetter Read(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> bytes)
    {
        var traceparent = Header(properties, "traceparent");
        var reason = Header(properties, "x-first-death-reason") == "delivery_limit" ? "DeliveryLimitReached" : "DeadLettered";
        try
        {
            using var json = JsonDocument.Parse(StrictUtf8.GetString(bytes));
            var type = json.RootElement.GetProperty("messageType")[0].GetString()!;
            var message = json.RootElement.GetProperty("message");
            var id = json.RootElement.GetProperty("messageId").GetGuid();
            if (type.StartsWith(MessageUrn.Prefix, StringComparison.Ordinal) && message.ValueKind == JsonValueKind.Object)
            {
                return new DeadLetter(id, type[MessageUrn.Prefix.Length..].Replace(':', '.'), message.GetRawText(), traceparent, reason);
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or KeyNotFoundException
            or FormatException or IndexOutOfRangeException)
        {
            // Not one of our envelopes.
        }

        return Unreadable(properties, bytes, traceparent, reason);
    }

    /// <summary>Creates the form in which every message can be stored.</summary>
    public static DeadLetter Unreadable(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> bytes) =>
        Unreadable(properties, bytes, Header(properties, "traceparent"), "Unreadable");

    private static DeadLetter Unreadable(
        IReadOnlyBasicProperties properties, ReadOnlySpan<byte> bytes, string? traceparent, string reason) => new(
        Guid.TryParse(properties.MessageId, out var id) ? id : new Guid(SHA256.HashData(bytes).AsSpan(0, 16)),
        Unknown,
        $$"""{"contentType":{{JsonSerializer.Serialize(properties.ContentType)}},"base64":"{{Convert.ToBase64String(bytes)}}"}""",
        traceparent,
        reason);

    private static string? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
