using System.Net;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>Tests the pages that a browser shows at the address of the service and at the addresses of problems.</summary>
[Trait("Hosts", "one")]
public sealed partial class PublicPageTests(RunningParts parts)
{
    private const string Chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "problems");

    public static TheoryData<string> Problems =>
    [
        .. Directory.EnumerateFiles(Folder, "*.md").Select(file => Path.GetFileNameWithoutExtension(file)!),
    ];

    [Theory, MemberData(nameof(Problems))]
    public async Task Problem_page_has_the_same_text_in_html_and_markdown(string name)
    {
        using var page = await Get($"/problems/{name}", Chromium);
        using var source = await Get($"/problems/{name}", "*/*");
        var (html, markdown) = (await page.Content.ReadAsStringAsync(), await source.Content.ReadAsStringAsync());

        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, $"{name}.md")), markdown);
        var shown = WebUtility.HtmlDecode(Tag().Replace(Body().Match(html).Value, ""));
        Assert.Equal(Words(markdown.TrimStart('#').Replace("`", "", StringComparison.Ordinal)), Words(shown));
        Assert.DoesNotMatch(OtherMarkdown(), markdown);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("Accept", page.Headers.Vary);
    }

    [Fact]
    public void Each_problem_type_has_a_page_whose_heading_is_its_title()
    {
        var pages = Directory.EnumerateFiles(Folder, "*.md")
            .Select(file => $"{Path.GetFileNameWithoutExtension(file)}: {File.ReadLines(file).First()}");
        var types = parts.Host.Services.GetServices<ProblemType>().Select(type => $"{type.Name}: # {type.Title}");

        Assert.Equal(pages.Order(StringComparer.Ordinal), types.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Chromium, "text/html")]
    [InlineData("text/html", "text/html")]
    [InlineData("text/markdown", "text/markdown")]
    [InlineData("text/markdown, text/html;q=0.9", "text/markdown")]
    [InlineData("text/markdown;q=0.5, text/html", "text/html")]
    [InlineData("application/json, text/html;q=0", "text/markdown")]
    [InlineData("*/*", "text/markdown")]
    [InlineData("text/", "text/markdown")]
    [InlineData(null, "text/markdown")]
    public async Task Problem_page_is_html_if_the_accept_header_prefers_it(string? accept, string type)
    {
        using var response = await Get("/problems/not-found", accept);

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Root_redirects_browsers_to_the_reference_and_returns_404_to_other_clients()
    {
        using var browser = await Get("/", Chromium);
        using var program = await Get("/", "*/*");

        Assert.Equal((HttpStatusCode.Redirect, "/docs"), (browser.StatusCode, browser.Headers.Location?.OriginalString));
        await program.Problem(HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> Get(string address, string? accept)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = parts.Host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept is null ? [] : [accept]);
        return await client.SendAsync(request);
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("<main>.*</main>", RegexOptions.Singleline)]
    private static partial Regex Body();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    /// <summary>
    /// Returns the Markdown that problem pages must not use: headings below the title, lists, links, emphasis, tables, quotations, fences.
    /// </summary>
    [GeneratedRegex(@"^(##|[-*+>|]|[0-9]+[.)] |```|    )|[]][(]|[*]|\b_|_\b", RegexOptions.Multiline)]
    private static partial Regex OtherMarkdown();
}
