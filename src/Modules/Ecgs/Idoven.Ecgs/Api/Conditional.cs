using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api;

/// <summary>Conditional reads: an ETag with each answer, and 304 where the client has it.</summary>
internal static class Conditional
{
    /// <summary>Sets the ETag.</summary>
    /// <returns>True where <c>If-None-Match</c> names it.</returns>
    public static bool IsCurrent(HttpContext context, string version)
    {
        var tag = new EntityTagHeaderValue($"\"{version}\"");
        context.Response.Headers.ETag = tag.ToString();
        return context.Request.GetTypedHeaders().IfNoneMatch is { } known
            && known.Any(candidate => candidate == EntityTagHeaderValue.Any || candidate.Compare(tag, useStrongComparison: false));
    }
}
