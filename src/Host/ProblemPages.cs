using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Idoven.Host;

internal static class ProblemPages
{
    private const string Style =
        """
        :root { color-scheme: light dark }
        body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>
    /// Maps the addresses that the <c>type</c> of a problem names: <c>docs/problems/NAME.md</c>, as HTML for browsers and as Markdown for
    /// others.
    /// </summary>
    public static void MapProblemPages(this IEndpointRouteBuilder app) =>
        app.MapGet("/problems/{name}", async (HttpContext context, string name) =>
            {
                if (await Read(name) is not { } markdown)
                {
                    return Results.NotFound();
                }

                if (!context.PrefersHtml())
                {
                    return Results.Text(markdown, "text/markdown; charset=utf-8");
                }

                context.Response.Headers.ContentSecurityPolicy = Policy;
                return Results.Text(Html(markdown), "text/html; charset=utf-8");
            })
            .AllowAnonymous()
            .ExcludeFromDescription();

    /// <returns>Null if there is no page of this name.</returns>
    private static async Task<string?> Read(string name)
    {
        await using var page = typeof(ProblemPages).Assembly.GetManifestResourceStream($"problems.{name}.md");
        if (page is null)
        {
            return null;
        }

        using var reader = new StreamReader(page);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Renders a page: a title, then paragraphs that may have code in backticks, and no other Markdown.</summary>
    private static string Html(string markdown)
    {
        const StringSplitOptions options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        var blocks = markdown.ReplaceLineEndings("\n").Split("\n\n", options);
        var title = blocks[0].TrimStart('#', ' ');
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)} - Idoven</title>
            <style>{Style}</style>
            </head>
            <body>
            <main>
            <h1>{Inline(title)}</h1>
            {string.Join('\n', blocks.Skip(1).Select(paragraph => $"<p>{Inline(paragraph)}</p>"))}
            </main>
            </body>
            </html>

            """;
    }

    private static string Inline(string text) =>
        string.Concat(text.Split('`').Select((part, i) => i % 2 == 0 ? Encode(part) : $"<code>{Encode(part)}</code>"));

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
