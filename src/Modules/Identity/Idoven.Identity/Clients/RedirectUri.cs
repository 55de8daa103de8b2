using System.Text.RegularExpressions;
using System.Web;

namespace Idoven.Identity.Clients;

/// <summary>The rules for the addresses that users may be sent back to after a sign-in or sign-out (RFC 6749, RFC 8252).</summary>
internal static partial class RedirectUri
{
    private const int MaxLength = 2_000;

    /// <returns>The rule that the address breaks, as a message for the caller that registers it; null if it breaks none.</returns>
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

        if (!HasAcceptedScheme(uri))
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

    // Browsers remove such segments before they send the request, so users would be sent to another address than the one compared.
    [GeneratedRegex(@"^[^?]*/(\.|%2e){1,2}(/|\?|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DotSegment();

    private static bool HasAcceptedScheme(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps
        || (uri.Scheme == Uri.UriSchemeHttp ? uri.IsLoopback : uri.Scheme.Contains('.', StringComparison.Ordinal));
}
