using System.Text;
using System.Text.Json.Nodes;
using Idoven.Shared.Messaging.Parking;
using RabbitMQ.Client;

namespace Idoven.Shared.Tests.Messaging;

public sealed class DeadLetterTests
{
    private static readonly Guid Id = Guid.Parse("0199aaaa-0000-7000-8000-000000000001");

    private const string Message = """{"userId":"x","note":"\u0000 \ud83d"}""";

    private static string Envelope(string message = Message, string type = "urn:message:Idoven.Users.Contracts:UserDeleted") =>
        $$$"""{"messageId":"{{{Id}}}","messageType":["{{{type}}}"],"message":{{{message}}},"headers":{}}""";

    [Fact]
    public void The_message_is_taken_from_the_envelope_byte_for_byte()
    {
        var properties = Properties(("traceparent", "00-1-2-01"), ("x-first-death-reason", "delivery_limit"));
        var deadLetter = DeadLetter.Read(properties, Encoding.UTF8.GetBytes(Envelope()));
        Assert.Equal(
            new DeadLetter(Id, "Idoven.Users.Contracts.UserDeleted", Message, "00-1-2-01", "DeliveryLimitReached"), deadLetter);
    }

    [Fact]
    public void A_message_that_was_not_dead_lettered_by_the_delivery_limit_has_another_reason() =>
        Assert.Equal(
            "DeadLettered", DeadLetter.Read(Properties(("x-first-death-reason", "rejected")), Encoding.UTF8.GetBytes(Envelope())).Reason);

    public static TheoryData<byte[]> Unreadable =>
        new(
            Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 0xff, 0xfe, 0x00 },
            "not json"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(),
            Encoding.UTF8.GetBytes(Envelope(message: "7")),
            Encoding.UTF8.GetBytes(Envelope(type: "UserDeleted")),
            Encoding.UTF8.GetBytes(Envelope().Replace($"{Id}", "no id", StringComparison.Ordinal)),
            Encoding.UTF8.GetBytes(Envelope().Replace("[\"urn", "[7,\"urn", StringComparison.Ordinal)),
            Encoding.Latin1.GetBytes(Envelope(message: "{\"a\":\"\u00c3(\"}")));

    [Theory, MemberData(nameof(Unreadable))]
    public void An_unreadable_message_is_stored_with_all_its_bytes(byte[] bytes)
    {
        var deadLetter = DeadLetter.Read(Properties(), bytes);
        Assert.Equal(DeadLetter.Unknown, deadLetter.Type);
        var body = JsonNode.Parse(deadLetter.Body)!;
        Assert.Equal(bytes, Convert.FromBase64String((string)body["base64"]!));
        Assert.Equal("application/x-test", (string?)body["contentType"]);
        Assert.Equal(deadLetter, DeadLetter.Read(Properties(), bytes));
    }

    [Fact]
    public void Different_messages_without_an_id_get_different_ids() =>
        Assert.NotEqual(DeadLetter.Read(Properties(), "a"u8).MessageId, DeadLetter.Read(Properties(), "b"u8).MessageId);

    private static BasicProperties Properties(params (string Name, string Value)[] headers) => new()
    {
        ContentType = "application/x-test",
        Headers = headers.ToDictionary(header => header.Name, header => (object?)Encoding.UTF8.GetBytes(header.Value)),
    };
}
