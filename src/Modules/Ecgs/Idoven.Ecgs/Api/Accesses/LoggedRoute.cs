using Idoven.Ecgs.Domain;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Api.Accesses;

/// <summary>
/// A route whose requests are in the access log: one entry when the response starts, also if middleware gives it. Rejections before the route, by
/// a policy, are logged by the host under the same action.
/// </summary>
internal sealed class LoggedRoute(string action, RequestDelegate route)
{
    private const int RetryAfterSeconds = 5;

    /// <summary>Gets the route without the log, for the measurement of what the log costs.</summary>
    internal RequestDelegate Route => route;

    public async Task Invoke(HttpContext context)
    {
        // What writes is logged by its own transaction.
        var caller = context.RequestServices.GetRequiredService<CurrentCaller>();
        var log = context.RequestServices.GetRequiredService<AccessLog>();
        if (HttpMethods.IsGet(context.Request.Method) && log.IsFull(caller.Subject, caller.ClientId))
        {
            const string detail = "The access log cannot be stored now, and nothing is read without it.";
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
    /// <param name="unnamed">The action of a route that names none; null: such a route is a mistake.</param>
    /// <exception cref="InvalidOperationException">At the start of the host: a route names no action.</exception>
    public static TBuilder LogAccesses<TBuilder>(this TBuilder routes, string? unnamed = null)
        where TBuilder : IEndpointConventionBuilder
    {
        routes.Finally(route =>
        {
            var action = route.Metadata.OfType<AuditedRoute>().LastOrDefault()?.Action;
            if (action is null)
            {
                action = unnamed
                    ?? throw new InvalidOperationException($"{route.DisplayName} does not say under which action the access log has it.");
                route.Metadata.Add(new AuditedRoute(ModuleName.Value, action));
            }

            route.RequestDelegate = new LoggedRoute(action, route.RequestDelegate!).Invoke;
        });
        return routes;
    }
}
