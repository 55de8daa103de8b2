namespace Idoven.Identity.Sessions;

/// <summary>
/// Names the program of a User-Agent header, such as "Firefox on Linux". Callers choose the text of the header, so none of it is stored: a
/// program that is not in the list is "another program".
/// </summary>
internal static class AgentFamily
{
    /// <summary>The maximum length of a name.</summary>
    public const int MaxLength = 40;

    /// <summary>The number of characters of the header that are searched. Known names are at its beginning.</summary>
    private const int MaxSearchedLength = 400;

    private const string Unknown = "another program";

    // The first match decides: most browsers also name the browsers that they are compatible with.
    private static readonly (string Mark, string Family)[] Programs =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"),
        ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("curl/", "curl"), ("Wget/", "Wget"), ("python-requests/", "Python"), ("python-httpx/", "Python"), ("Python-urllib/", "Python"),
        ("aiohttp/", "Python"), ("Go-http-client/", "Go"), ("okhttp/", "OkHttp"), ("Java/", "Java"), ("Apache-HttpClient/", "Java"),
        ("PostmanRuntime/", "Postman"), ("node", "Node.js"), ("axios/", "Node.js"), ("undici", "Node.js"), (".NET", ".NET"),
    ];

    private static readonly (string Mark, string System)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <returns>Null if the header is absent or empty.</returns>
    public static string? Parse(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
        {
            return null;
        }

        var searched = userAgent.AsSpan(0, Math.Min(userAgent.Length, MaxSearchedLength));
        var program = FindFirst(searched, Programs) ?? Unknown;
        return FindFirst(searched, Systems) is { } system ? $"{program} on {system}" : program;
    }

    private static string? FindFirst(ReadOnlySpan<char> text, (string Mark, string Name)[] known)
    {
        foreach (var (mark, name) in known)
        {
            if (text.Contains(mark, StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }
}
