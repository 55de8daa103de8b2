using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Shared.Web;

/// <summary>
/// Handles conditional requests: an ETag in each response, 304 if the client has the current version, 412 if a change is based on an older
/// one. The ETag of a compressed response is the version with its coding, such as <c>W/"3-gzip"</c>, and matches <c>"3"</c>.
/// </summary>
public static class Conditional
{
    /// <summary>Sets the ETag.</summary>
    /// <returns>True if <c>If-None-Match</c> names it, with any coding.</returns>
    public static bool IsCurrent(HttpContext context, string version)
    {
        var tag = SetTag(context, version);
        var current = context.Request.GetTypedHeaders().IfNoneMatch
            .FirstOrDefault(known => known == EntityTagHeaderValue.Any || Plain(known).Compare(tag, useStrongComparison: false));
        if (current is not null && current != EntityTagHeaderValue.Any && current.Tag != tag.Tag)
        {
            // The client has the compressed version.
            context.Response.Headers.ETag = current.ToString();
        }

        return current is not null;
    }

    public static EntityTagHeaderValue SetTag(HttpContext context, string version)
    {
        var tag = Tag(version);
        context.Response.Headers.ETag = tag.ToString();
        return tag;
    }

    /// <returns>
    /// A function that returns whether <c>If-Match</c> names a version; null if the header is missing. A malformed header names none.
    /// </returns>
    public static Func<string, bool>? IfMatch(HttpContext context)
    {
        if (context.Request.Headers.IfMatch.Count == 0)
        {
            return null;
        }

        var named = context.Request.GetTypedHeaders().IfMatch;
        return version => named.Any(tag => tag == EntityTagHeaderValue.Any || Plain(tag).Compare(Tag(version), useStrongComparison: true));
    }

    /// <summary>Replaces the ETag with that of the compressed response.</summary>
    internal static void SetCoding(HttpContext context, string coding)
    {
        if (EntityTagHeaderValue.TryParse(context.Response.Headers.ETag.ToString(), out var tag) && !tag.IsWeak)
        {
            context.Response.Headers.ETag = new EntityTagHeaderValue($"\"{tag.Tag.Value![1..^1]}-{coding}\"", isWeak: true).ToString();
        }
    }

    private static EntityTagHeaderValue Tag(string version) => new($"\"{version}\"");

    /// <summary>
    /// Returns the ETag of the uncompressed response. An ETag that is not of a compressed response is returned unchanged.
    /// </summary>
    private static EntityTagHeaderValue Plain(EntityTagHeaderValue tag)
    {
        var text = tag.Tag.ToString();
        var suffixes = ContentCodings.All.Select(coding => $"-{coding}\"");
        var suffix = suffixes.FirstOrDefault(end => text.EndsWith(end, StringComparison.Ordinal));
        return suffix is null || !tag.IsWeak ? tag : new EntityTagHeaderValue($"{text[..^suffix.Length]}\"");
    }
}
