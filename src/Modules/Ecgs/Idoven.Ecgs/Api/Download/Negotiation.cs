using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Which of several forms of an answer a client gets.</summary>
internal static class Negotiation
{
    /// <summary>The form that the client likes best, the first of them where it likes two alike; null where it takes none.</summary>
    public static string? Choose(HttpRequest request, params string[] forms)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted is not { Count: > 0 })
        {
            return forms[0];
        }

        var (form, quality) = forms.Select(form => (form, quality: Quality(accepted, form))).MaxBy(choice => choice.quality);
        return quality > 0 ? form : null;
    }

    /// <summary>RFC 9110, 12.5.1: the most specific range that matches decides.</summary>
    private static double Quality(IEnumerable<MediaTypeHeaderValue> accepted, string form) =>
        accepted.Where(range => range.MatchesMediaType(form)).MinBy(range => (range.MatchesAllTypes, range.MatchesAllSubTypes)) is { } range ? range.Quality ?? 1 : 0;
}
