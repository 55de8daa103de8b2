using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Selects the media type of a response by the Accept header (RFC 9110, 12.5.1).</summary>
internal static class Negotiation
{
    /// <summary>Returns the media type that the client prefers.</summary>
    /// <param name="mediaTypes">The available media types; of two with the same quality the first is taken.</param>
    /// <returns>The media type; null if the client accepts none of them.</returns>
    public static string? Choose(HttpRequest request, params string[] mediaTypes)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted is not { Count: > 0 })
        {
            return mediaTypes[0];
        }

        var (best, quality) = mediaTypes.Select(type => (type, quality: Quality(accepted, type))).MaxBy(choice => choice.quality);
        return quality > 0 ? best : null;
    }

    /// <summary>Returns the quality of the most specific range that matches; 0 if none matches.</summary>
    private static double Quality(IEnumerable<MediaTypeHeaderValue> accepted, string mediaType)
    {
        var matching = accepted.Where(range => range.MatchesMediaType(mediaType));
        return matching.MinBy(range => (range.MatchesAllTypes, range.MatchesAllSubTypes)) is { } range ? range.Quality ?? 1 : 0;
    }
}
