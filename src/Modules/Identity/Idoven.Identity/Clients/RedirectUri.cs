using System.Text.RegularExpressions;
using System.Web;

namespace Idoven.Identity.Clients;

/// <summary>Where people may be sent back to after they signed in or out (RFC 6749, RFC 8252).</summary>
internal static partial class RedirectUri
{
    private const int MaxLength = 2_000;

    /// <returns>The rule that it breaks, for the caller that registers it; null if it is good.</returns>
    public static string? FindError(string? text)
    {
        if (text is null || text.Length > MaxLength || text.Any(c => c is <= ' ' or > '~' or '\\' or '*' or '"' or '<' or '>'))
        {
            return $"1 to {MaxLength} visible ASCII characters, the others percent-encoded; no *.";
        }

        if (!text.Contains(':', StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || !Uri.IsWellFormedUriString(text, UriKind.Absolute))
        {
            return "An absolute URI.";
        }

        if (!IsOfGoodScheme(uri))
        {
            return "https, or http on loopback, or a private-use scheme with a dot in it, such as com.example.app.";
        }

        if (uri.UserInfo.Length > 0 || text.Contains('#', StringComparison.Ordinal))
        {
            return "Without user information and without a fragment.";
        }

        if (DotSegment().IsMatch(text))
        {
            return "Without the segments . and .. in its path.";
        }

        return HttpUtility.ParseQueryString(uri.Query)["iss"] is not null ? "Without iss in its query: the response has one." : null;
    }

    // Browsers remove such segments before they send the request, so people would be sent to another address than the one compared.
    [GeneratedRegex(@"^[^?]*/(\.|%2e){1,2}(/|\?|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DotSegment();

    private static bool IsOfGoodScheme(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp ? uri.IsLoopback : uri.Scheme.Contains('.', StringComparison.Ordinal));
}
