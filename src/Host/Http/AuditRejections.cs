using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Http;

/// <summary>
/// Records rejected actions of authenticated callers in the audit log before the response is sent, whether the policy, the handler or a
/// rule rejected them. A body that cannot be read is not an action.
/// </summary>
internal static class AuditRejections
{
    public static Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AuditedRoute>() is { } note)
        {
            context.Response.OnStarting(() => Reason(context.Response.StatusCode) is { } reason
                ? Record(context, note, reason)
                : Task.CompletedTask);
        }

        return next(context);
    }

    private static async Task Record(HttpContext context, AuditedRoute note, string reason)
    {
        if (context.RequestServices.GetKeyedService<IAuditLog>(note.Module) is not { } trail)
        {
            return;
        }

        try
        {
            await trail.Record(AuditEntry.Refused(note.Action, reason, Target(context)));
        }
        catch (Exception e) when (DatabaseUnavailable.Is(e) || DatabaseUnavailable.IsTransient(e))
        {
            // The request is rejected in any case: the response does not depend on the entry.
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(
                "Idoven.Audit").LogError(e, "The rejected action {Action} could not be recorded in the audit log", note.Action);
        }
    }

    private static string? Reason(int status) => status switch
    {
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status409Conflict => "conflict",
        _ => null,
    };

    /// <summary>Returns null for a malformed id: the audit log keeps no text of a caller.</summary>
    private static string? Target(HttpContext context) =>
        Guid.TryParseExact(context.GetRouteValue("id") as string, "D", out var id) ? id.ToString() : null;
}
