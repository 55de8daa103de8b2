using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web;

public static class ResponseHeadersExtensions
{
    /// <summary>Sets headers when the response starts. The exception handler clears headers that were set before.</summary>
    internal static void OnResponse(this HttpContext context, Action<IHeaderDictionary> set) => context.Response.OnStarting(() =>
    {
        set(context.Response.Headers);
        return Task.CompletedTask;
    });

    /// <summary>Sets the header <c>Retry-After</c>, in whole seconds that are not less than the wait.</summary>
    public static void RetryAfter(this HttpContext context, TimeSpan wait) =>
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
