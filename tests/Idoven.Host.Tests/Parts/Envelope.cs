using System.Text.Json;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Creates MassTransit's envelope with the members that a consumer needs, written out here so that a change of the format is noticed.
/// </summary>
internal static class Envelope
{
    /// <param name="id">The id of the message.</param>
    /// <param name="exchange">The exchange of the message's type.</param>
    /// <param name="message">The message, which is serialized to JSON.</param>
    public static byte[] Create(Guid id, string exchange, object message) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        messageId = id,
        conversationId = id,
        messageType = new[] { $"urn:message:{exchange}" },
        message,
    });

    public static BasicProperties Properties(Guid id) => new()
    {
        MessageId = $"{id}",
        ContentType = "application/vnd.masstransit+json",
        DeliveryMode = DeliveryModes.Persistent,
    };
}
