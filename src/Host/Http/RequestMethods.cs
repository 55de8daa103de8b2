using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Http;

/// <summary>
/// Handles the methods of every address: the response to HEAD is that to GET without a body, OPTIONS returns 204, and the header
/// <c>Allow</c> of 204 and 405 lists the methods of the address.
/// </summary>
internal static class RequestMethods
{
    /// <summary>Runs a HEAD request as a GET request. The server sends no body in response to HEAD, whatever is written.</summary>
    public static async Task ServeHead(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            // The metrics of the server need the original method.
            context.Request.Method = HttpMethods.Head;
        }
    }

    /// <summary>Handles OPTIONS at every address that has routes, without a token. Must be used after the routing.</summary>
    public static async Task AnswerOptions(HttpContext context, RequestDelegate next)
    {
        // If the address has no route for the method, the routing selects its own endpoint, which sets 405 and the header Allow.
        if (context.GetEndpoint() is not { RequestDelegate: { } reject } endpoint || endpoint is RouteEndpoint)
        {
            await next(context);
            return;
        }

        context.OnResponse(headers =>
        {
            if (headers.Allow is [{ } methods])
            {
                headers.Allow = Complete(methods);
            }
        });
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            await next(context);
            return;
        }

        await reject(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Adds the methods that every address has to those of the routes.</summary>
    internal static string Complete(string methods)
    {
        var known = methods.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] more = known.Contains(HttpMethods.Get) ? [HttpMethods.Head, HttpMethods.Options] : [HttpMethods.Options];
        return string.Join(", ", known.Union(more).Order(StringComparer.Ordinal));
    }
}
