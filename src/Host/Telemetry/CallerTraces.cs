using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Idoven.Host.Telemetry;

/// <summary>
/// Decides which <c>traceparent</c> is trusted (W3C Trace Context). A request starts a new trace, which is linked to the trace of the
/// caller. If the request has a valid token and is authorized, it continues the trace of the caller. If a reverse proxy sets or removes the
/// header of every request (<c>Telemetry:TrustTraceparent</c>), the header is trusted from the start.
/// </summary>
internal static class CallerTraces
{
    private static readonly ActivitySource Source = new("Idoven.Http");

    /// <summary>Returns what the server reads the headers of a request with.</summary>
    public static DistributedContextPropagator Propagator(bool isTrusted) =>
        isTrusted ? DistributedContextPropagator.Current : new OwnTraces();

    /// <summary>Links the trace of the request to the trace of the caller.</summary>
    public static Task Link(HttpContext context, RequestDelegate next)
    {
        if (Foreign(context.Request) is { } caller)
        {
            Activity.Current!.AddLink(new ActivityLink(caller));
        }

        return next(context);
    }

    /// <summary>Continues the trace of the caller. Must be called after the authorization.</summary>
    public static async Task Continue(HttpContext context, RequestDelegate next)
    {
        if (context.User.Identity is not { IsAuthenticated: true } || Foreign(context.Request) is not { } caller)
        {
            await next(context);
            return;
        }

        using var continued = Source.StartActivity(
            "continue", ActivityKind.Server, caller, links: [new ActivityLink(Activity.Current!.Context)])
            ?? new Activity("continue").SetParentId(caller.TraceId, caller.SpanId, caller.TraceFlags).Start();
        await next(context);
    }

    /// <summary>Returns the context that the caller names, if it is another one than the request's.</summary>
    private static ActivityContext? Foreign(HttpRequest request) =>
        Activity.Current is { } own
        && request.Headers.TraceParent is [{ } parent]
        && ActivityContext.TryParse(parent, request.Headers.TraceState, isRemote: true, out var caller)
        && caller.TraceId != own.TraceId
            ? caller
            : null;

    /// <summary>Reads no trace context from incoming requests. Outgoing requests have theirs as usual.</summary>
    private sealed class OwnTraces : DistributedContextPropagator
    {
        private readonly DistributedContextPropagator usual = Current;

        public override IReadOnlyCollection<string> Fields => usual.Fields;

        public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
            usual.Inject(activity, carrier, setter);

        public override void ExtractTraceIdAndState(
            object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
            (traceId, traceState) = (null, null);

        public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
            null;
    }
}
