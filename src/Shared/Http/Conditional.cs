using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Shared.Http;

/// <summary>Conditional requests: an ETag with each answer, 304 where the client has it, 412 where a change rests on an older one.</summary>
public static class Conditional
{
    /// <summary>Sets the ETag.</summary>
    /// <returns>True where <c>If-None-Match</c> names it.</returns>
    public static bool IsCurrent(HttpContext context, string version)
    {
        var tag = SetTag(context, version);
        return context.Request.GetTypedHeaders().IfNoneMatch is { } known
            && known.Any(candidate => candidate == EntityTagHeaderValue.Any || candidate.Compare(tag, useStrongComparison: false));
    }

    public static EntityTagHeaderValue SetTag(HttpContext context, string version)
    {
        var tag = Tag(version);
        context.Response.Headers.ETag = tag.ToString();
        return tag;
    }

    /// <returns>Whether <c>If-Match</c> names a version; null where the header is absent. One that cannot be read names none.</returns>
    public static Func<string, bool>? IfMatch(HttpContext context)
    {
        if (context.Request.Headers.IfMatch.Count == 0)
        {
            return null;
        }

        var named = context.Request.GetTypedHeaders().IfMatch;
        return version => named.Any(candidate => candidate == EntityTagHeaderValue.Any || candidate.Compare(Tag(version), useStrongComparison: true));
    }

    private static EntityTagHeaderValue Tag(string version) => new($"\"{version}\"");
}
