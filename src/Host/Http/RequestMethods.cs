using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Http;

/// <summary>
/// What holds for the methods of every address: HEAD is answered like GET and without a body, OPTIONS with 204, and the header <c>Allow</c>
/// of 204 and 405 lists the methods that the address has.
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
            // The metrics of the server name the method that was sent.
            context.Request.Method = HttpMethods.Head;
        }
    }

    /// <summary>Answers OPTIONS at every address that has routes, without asking for a token. To be used after the routing.</summary>
    public static async Task AnswerOptions(HttpContext context, RequestDelegate next)
    {
        // At an address without a route for the method the routing has an endpoint of its own, which sets 405 and the header Allow.
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

    /// <summary>Adds to the methods of the routes those that are answered everywhere.</summary>
    internal static string Complete(string methods)
    {
        var known = methods.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] more = known.Contains(HttpMethods.Get) ? [HttpMethods.Head, HttpMethods.Options] : [HttpMethods.Options];
        return string.Join(", ", known.Union(more).Order(StringComparer.Ordinal));
    }
}
