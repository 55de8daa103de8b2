using Microsoft.AspNetCore.Builder;

namespace Idoven.Shared.Web;

/// <summary>Marks a route whose action is recorded in the audit log of a module.</summary>
/// <param name="Module">The module whose audit log has the entries.</param>
/// <param name="Action">The audit action.</param>
public sealed record AuditedRoute(string Module, string Action);

public static class AuditedRouteExtensions
{
    /// <summary>
    /// Records the action of a route in the module's audit log: its handler records what it did, and the host records what was rejected.
    /// </summary>
    public static RouteHandlerBuilder Audits(this RouteHandlerBuilder route, string module, string action) =>
        route.WithMetadata(new AuditedRoute(module, action));
}
