namespace Idoven.Identity.Sessions;

/// <summary>
/// What a User-Agent header says, in words of ours: a family that people know, such as "Firefox on Linux". The header is the caller's own text: none of
/// it is kept, and what is not among the known families is "another program".
/// </summary>
internal static class AgentFamily
{
    /// <summary>The longest that is ever said.</summary>
    public const int MaxLength = 40;

    /// <summary>More is not looked at: what is known stands at the beginning.</summary>
    private const int MaxLooked = 400;

    private const string Unknown = "another program";

    // The first that is found counts: most browsers name others after themselves.
    private static readonly (string Mark, string Family)[] Programs =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"),
        ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("curl/", "curl"), ("Wget/", "Wget"), ("python-requests/", "Python"), ("python-httpx/", "Python"), ("Python-urllib/", "Python"),
        ("aiohttp/", "Python"), ("Go-http-client/", "Go"), ("okhttp/", "OkHttp"), ("Java/", "Java"), ("Apache-HttpClient/", "Java"),
        ("PostmanRuntime/", "Postman"), ("node", "Node.js"), ("axios/", "Node.js"), ("undici", "Node.js"), (".NET", ".NET"),
    ];

    private static readonly (string Mark, string System)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <returns>Null where the header is absent or empty.</returns>
    public static string? Parse(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
        {
            return null;
        }

        var looked = userAgent.AsSpan(0, Math.Min(userAgent.Length, MaxLooked));
        var program = First(looked, Programs) ?? Unknown;
        return First(looked, Systems) is { } system ? $"{program} on {system}" : program;
    }

    private static string? First(ReadOnlySpan<char> text, (string Mark, string Name)[] known)
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
