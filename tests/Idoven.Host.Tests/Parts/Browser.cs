using System.Net;
using System.Text.RegularExpressions;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents a browser that runs no script: it keeps cookies, sends the forms of pages, and follows redirects on request. It sends
/// requests for the address of the issuer to the tested host.
/// </summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient client;
    private readonly Uri host;

    /// <param name="traceparent">The trace that its requests belong to.</param>
    /// <param name="fetchSite">The header <c>Sec-Fetch-Site</c>: by default that of an address that the user typed.</param>
    public Browser(
        RunningHost host, CookieContainer? cookies = null, IPAddress? from = null, string? traceparent = null, string? fetchSite = "none")
    {
        Cookies = cookies ?? new CookieContainer();
        this.host = host.Address;
        var handler = SourceAddress.Handler(from ?? IPAddress.Loopback);
        handler.CookieContainer = Cookies;
        client = new HttpClient(handler) { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Add("traceparent", traceparent is null ? [] : [traceparent]);
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", fetchSite is null ? [] : [fetchSite]);
    }

    public CookieContainer Cookies { get; }

    public Task<WebPage> Get(string address) => Get(new Uri(address, UriKind.RelativeOrAbsolute));

    public async Task<WebPage> Get(Uri address)
    {
        var absolute = Here(address);
        return await WebPage.Read(await client.GetAsync(absolute), absolute);
    }

    /// <summary>Presses a button of the only form of the page; <paramref name="values"/> are typed in or replace hidden values.</summary>
    public async Task<WebPage> Press(WebPage page, string choice, params (string Name, string Value)[] values)
    {
        var fields = page.Fields.ToDictionary();
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        fields["answer"] = choice;
        return await Post(new Uri(page.Address, page.FormAction), fields);
    }

    public async Task<WebPage> Post(Uri address, Dictionary<string, string> fields)
    {
        var absolute = Here(address);
        return await WebPage.Read(await client.PostAsync(absolute, new FormUrlEncodedContent(fields)), absolute);
    }

    public void Dispose() => client.Dispose();

    private Uri Here(Uri address)
    {
        var absolute = new Uri(host, address);
        return absolute.Host == "localhost" && absolute.IsDefaultPort ? new Uri(host, absolute.PathAndQuery) : absolute;
    }
}

/// <summary>Represents a response as a browser sees it.</summary>
internal sealed partial record WebPage(Uri Address, HttpResponseMessage Response, string Html)
{
    public HttpStatusCode Status => Response.StatusCode;

    /// <summary>Gets the address of the redirect.</summary>
    public Uri Location => new(Address, Response.Headers.Location!);

    public string FormAction => WebUtility.HtmlDecode(Form().Match(Html).Groups["action"].Value);

    /// <summary>Gets the inputs of the form with their values.</summary>
    public IReadOnlyDictionary<string, string> Fields => Input().Matches(Html).ToDictionary(
        input => WebUtility.HtmlDecode(input.Groups["name"].Value), input => WebUtility.HtmlDecode(input.Groups["value"].Value));

    /// <summary>Gets the visible text of the page.</summary>
    public string Text => WebUtility.HtmlDecode(Tag().Replace(Style().Replace(Html, ""), " "));

    public string Heading => WebUtility.HtmlDecode(Assert.Single(H1().Matches(Html)).Groups["text"].Value);

    public static async Task<WebPage> Read(HttpResponseMessage response, Uri address) =>
        new(address, response, await response.Content.ReadAsStringAsync());

    /// <summary>Returns a parameter of the redirect address; null if it has none of this name.</summary>
    public string? Sent(string parameter) =>
        Response.Headers.Location is null ? null : System.Web.HttpUtility.ParseQueryString(Location.Query)[parameter];

    [GeneratedRegex("""<form method="post" action="(?<action>[^"]*)">""")]
    private static partial Regex Form();

    [GeneratedRegex("""<input [^>]*?name="(?<name>[^"]*)"[^>]*? value="(?<value>[^"]*)"[^>]*>""")]
    private static partial Regex Input();

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<h1>(?<text>[^<]*)</h1>")]
    private static partial Regex H1();
}
