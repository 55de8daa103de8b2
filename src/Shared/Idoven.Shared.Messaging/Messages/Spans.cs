using System.Diagnostics;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>Starts the spans of messages, in the trace of the request that caused them.</summary>
internal static class Spans
{
    private static readonly ActivitySource Source = new("Idoven.Messaging");

    public static Activity? Publish(string exchange, OutboxMessage message)
    {
        ActivityContext.TryParse(message.Traceparent, null, isRemote: true, out var parent);
        var span = Source.StartActivity($"{exchange} publish", ActivityKind.Producer, parent);
        span?.SetTag("messaging.system", "rabbitmq");
        span?.SetTag("messaging.message.id", message.MessageId);
        return span;
    }
}
