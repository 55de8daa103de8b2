using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Api.Accesses;

/// <summary>
/// Represents a route whose requests are logged in the access log when the response starts, also if middleware sends it. If a policy
/// rejects a request before the route, the host logs it under the same action.
/// </summary>
internal sealed class LoggedRoute(string action, RequestDelegate route)
{
    private const int RetryAfterSeconds = 5;

    /// <summary>Gets the route without the log, to measure the cost of the log.</summary>
    internal RequestDelegate Route => route;

    public async Task Invoke(HttpContext context)
    {
        // Only reads are rejected: a write stores its entry in its own transaction.
        var caller = context.RequestServices.GetRequiredService<CurrentCaller>();
        var log = context.RequestServices.GetRequiredService<AccessLog>();
        if (HttpMethods.IsGet(context.Request.Method) && log.IsFull(caller.Subject, caller.ClientId))
        {
            const string detail = "The access log cannot be stored at the moment, and reads must be logged.";
            await Problems.Unavailable(context, detail, RetryAfterSeconds).ExecuteAsync(context);
            return;
        }

        context.Response.OnStarting(() =>
        {
            var access = context.RequestServices.GetRequiredService<ICurrentAccess>();
            access.Log(action, AccessOutcomes.FromStatus(context.Response.StatusCode));
            return Task.CompletedTask;
        });
        await route(context);
    }
}

internal static class LoggedRouteExtensions
{
    /// <summary>Logs the requests of this route under an action.</summary>
    public static RouteHandlerBuilder LogsAccess(this RouteHandlerBuilder route, string action) => route.Audits(ModuleName.Value, action);

    /// <summary>Logs the requests of every route of the group under the action that it names with <see cref="LogsAccess"/>.</summary>
    /// <param name="unnamed">The action of a route that names no action; null if every route must name one.</param>
    /// <exception cref="InvalidOperationException">A route names no action. Thrown when the host starts.</exception>
    public static TBuilder LogAccesses<TBuilder>(this TBuilder routes, string? unnamed = null)
        where TBuilder : IEndpointConventionBuilder
    {
        routes.Finally(route =>
        {
            var action = route.Metadata.OfType<AuditedRoute>().LastOrDefault()?.Action;
            if (action is null)
            {
                action = unnamed
                    ?? throw new InvalidOperationException($"{route.DisplayName} names no action for the access log.");
                route.Metadata.Add(new AuditedRoute(ModuleName.Value, action));
            }

            route.RequestDelegate = new LoggedRoute(action, route.RequestDelegate!).Invoke;
        });
        return routes;
    }
}
