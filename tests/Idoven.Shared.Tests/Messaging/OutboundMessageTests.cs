using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Idoven.Shared.Messaging.Messages;
using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace Idoven.Shared.Tests.Messaging;

public sealed class OutboundMessageTests
{
    private const string StoredTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly Guid ThingId = new("0199f1f0-0000-7000-8000-000000000002");
    private static readonly MessageContract Message = new(typeof(Sent), null);
    private static readonly MessageContract Event = new(typeof(Happened), "thing.happened.v1");

    private static readonly OutboxMessage Row = new(
        5, new Guid("0199f1f0-0000-7000-8000-000000000001"), ThingId, Message.Name,
        """{"thingId":"0199f1f0-0000-7000-8000-000000000002","note":"ü"}""",
        StoredTrace, new DateTimeOffset(2026, 11, 24, 12, 0, 0, 250, TimeSpan.Zero), Sequence: 1042);

    [Fact]
    public void A_message_between_modules_goes_to_the_exchange_of_its_name()
    {
        var message = OutboundMessage.ToModules(Message, Row);
        Assert.Equal(("Idoven.Shared.Tests.Messaging:Sent", ""), (message.Exchange, message.RoutingKey));
        AssertProperties(message, "application/vnd.masstransit+json");
    }

    [Fact]
    public void A_replayed_message_goes_to_one_queue_only()
    {
        var message = OutboundMessage.ToQueue(Message, Row, "things-do");
        Assert.Equal(("things-do", ""), (message.Exchange, message.RoutingKey));
        Assert.Equal(OutboundMessage.ToModules(Message, Row).Body, message.Body);
    }

    [Fact]
    public void The_envelope_has_the_format_of_MassTransit() => AssertJson(
        """
        {
          "messageId": "0199f1f0-0000-7000-8000-000000000001",
          "conversationId": "0199f1f0-0000-7000-8000-000000000001",
          "messageType": ["urn:message:Idoven.Shared.Tests.Messaging:Sent"],
          "message": { "thingId": "0199f1f0-0000-7000-8000-000000000002", "note": "ü" },
          "sentTime": "2026-11-24T12:00:00.25Z",
          "headers": {}
        }
        """,
        OutboundMessage.ToModules(Message, Row).Body);

    [Fact]
    public void A_masstransit_consumer_reads_the_envelope()
    {
        var read = new SystemTextJsonMessageSerializer().Deserialize(
            new BytesMessageBody(OutboundMessage.ToModules(Message, Row).Body), new DictionarySendHeaders());

        Assert.True(read.TryGetMessage<Sent>(out var message));
        Assert.Equal(new Sent(ThingId, "ü"), message);
        Assert.Equal((Row.MessageId, Row.CreatedAt.UtcDateTime), (read.MessageId, read.SentTime));
        Assert.False(read.TryGetMessage<Happened>(out _));
    }

    [Fact]
    public void A_public_event_goes_to_the_events_exchange_with_its_routing_key()
    {
        var message = OutboundMessage.ToEventsExchange(Event, Row, "things");
        Assert.Equal(("idoven.events", "thing.happened.v1"), (message.Exchange, message.RoutingKey));
        AssertProperties(message, "application/cloudevents+json");
        Assert.Equal(CloudEvent.Render(Event, Row, "things"), message.Body);
    }

    /// <summary>Subscribers in any language rely on these bytes, so they must not change within v1.</summary>
    [Fact]
    public void A_cloud_event_has_exactly_these_bytes()
    {
        var row = Row with { Body = """{"thingId":"0199f1f0-0000-7000-8000-000000000002","count":3}""" };
        Assert.Equal(
            """
            {"specversion":"1.0","id":"0199f1f0-0000-7000-8000-000000000001","source":"/idoven/things",
            "type":"idoven.thing.happened.v1","subject":"0199f1f0-0000-7000-8000-000000000002",
            "time":"2026-11-24T12:00:00.25+00:00","datacontenttype":"application/json","sequence":"1042",
            "data":{"thingId":"0199f1f0-0000-7000-8000-000000000002","count":3}}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(CloudEvent.Render(Event, row, "things")));
    }

    [Fact]
    public void A_public_event_contains_no_dotnet_names()
    {
        var message = OutboundMessage.ToEventsExchange(Event, Row, "things");
        Assert.DoesNotContain("Idoven.Shared", Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal);
        Assert.Equal(["traceparent"], message.Properties.Headers!.Keys);
    }

    [Fact]
    public void The_trace_continues_from_the_publishing_span_or_from_the_stored_one()
    {
        Assert.Equal(StoredTrace, OutboundMessage.ToModules(Message, Row).Properties.Headers!["traceparent"]);
        Assert.Empty(OutboundMessage.ToModules(Message, Row with { Traceparent = null }).Properties.Headers!);

        using var publishing = new Activity("publish").SetParentId(StoredTrace).Start();
        var headers = OutboundMessage.ToModules(Message, Row).Properties.Headers!;
        Assert.Equal((publishing.Id, publishing.Id), (headers["traceparent"], headers["MT-Activity-Id"]));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", publishing.Id, StringComparison.Ordinal);
    }

    private static void AssertProperties(OutboundMessage message, string contentType)
    {
        Assert.Equal(
            ("0199f1f0-0000-7000-8000-000000000001", contentType, DeliveryModes.Persistent,
             new AmqpTimestamp(Row.CreatedAt.ToUnixTimeSeconds())),
            (message.Properties.MessageId, message.Properties.ContentType, message.Properties.DeliveryMode, message.Properties.Timestamp));
    }

    private static void AssertJson(string expected, byte[] actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(actual)!.ToJsonString());
}
