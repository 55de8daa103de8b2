using Microsoft.Net.Http.Headers;

namespace Idoven.Host;

internal static class Browsers
{
    /// <summary>
    /// Returns whether the client accepts HTML by name, and rather than Markdown: browsers do, programs that accept anything do not. The
    /// response varies by <c>Accept</c>.
    /// </summary>
    public static bool PrefersHtml(this HttpContext context)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var accepted = context.Request.GetTypedHeaders().Accept;
        return Quality("text/html") > Quality("text/markdown");

        double Quality(string type) => accepted
            .Where(range => range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(range => range.Quality ?? 1).DefaultIfEmpty().Max();
    }
}
