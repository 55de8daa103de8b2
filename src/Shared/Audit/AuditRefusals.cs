using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Audit;

/// <summary>
/// An act that a signed-in caller was refused is on record before the answer leaves, whoever refused it: the policy, the handler or the rules.
/// Bodies that cannot be read are no acts.
/// </summary>
internal static class AuditRefusals
{
    public static Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AuditNote>() is { } note)
        {
            context.Response.OnStarting(() => Reason(context.Response.StatusCode) is { } reason
                ? context.RequestServices.GetRequiredKeyedService<IAuditTrail>(note.Module).Record(AuditEntry.Refused(note.Action, reason, Target(context)))
                : Task.CompletedTask);
        }

        return next(context);
    }

    private static string? Reason(int status) => status switch
    {
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status409Conflict => "conflict",
        _ => null,
    };

    /// <summary>An id that is none is something that a caller wrote.</summary>
    private static string? Target(HttpContext context) =>
        Guid.TryParseExact(context.GetRouteValue("id") as string, "D", out var id) ? id.ToString() : null;
}
