using System.Diagnostics;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>The spans of a message's way, all in the trace of the request that caused it.</summary>
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
