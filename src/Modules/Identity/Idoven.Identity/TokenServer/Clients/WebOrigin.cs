namespace Idoven.Identity.TokenServer.Clients;

/// <summary>Derives the origin (RFC 6454) of an application's pages from its redirect URIs.</summary>
internal static class WebOrigin
{
    /// <returns>
    /// The origin of the page at this redirect URI, written as browsers write the header <c>Origin</c>; null for a private-use scheme,
    /// which web pages do not have.
    /// </returns>
    public static string? FromRedirectUri(string redirectUri) =>
        Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
            : null;
}
