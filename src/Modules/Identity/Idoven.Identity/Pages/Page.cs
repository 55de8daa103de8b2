using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Pages;

/// <summary>
/// Represents an HTML page. It works without scripts and allows none, other sites cannot frame it, it is not cached, and it sends no
/// referrer.
/// </summary>
/// <param name="title">The title of the tab, and the only heading of the page.</param>
/// <param name="formTarget">Another host that the response to its form may redirect to, as a source of <c>form-action</c>.</param>
internal sealed class Page(string title, Html body, int status = StatusCodes.Status200OK, string? formTarget = null) : IResult
{
    private const string Style =
        """
        :root {
          color-scheme: light dark;
          --ink: #14212b; --soft: #52626e; --paper: #f4f7f8; --card: #fff; --line: #c9d4da;
          --action: #0b6a75; --on-action: #fff; --bad: #a4161a
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #e8eef1; --soft: #a5b4bd; --paper: #10181d; --card: #18232a; --line: #3a4a54;
            --action: #5cc5cf; --on-action: #06262a; --bad: #ff9a8f
          }
        }
        * { box-sizing: border-box }
        body {
          margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
          background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif
        }
        main {
          width: 100%; max-width: 26rem; padding: 2rem; background: var(--card);
          border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere
        }
        .brand { margin: 0 0 1.5rem; color: var(--soft); font-weight: 600; letter-spacing: .02em }
        h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
        p, ul { margin: .75rem 0 } ul { padding-left: 1.25rem } .soft { color: var(--soft); font-size: .9rem }
        label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
        input {
          width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: var(--paper);
          border: 1px solid var(--line); border-radius: .4rem
        }
        input[aria-invalid] { border-color: var(--bad) } .error { color: var(--bad); font-weight: 600 }
        button {
          width: 100%; margin-top: 1.25rem; padding: .7rem; font: inherit; font-weight: 600; cursor: pointer;
          color: var(--on-action); background: var(--action); border: 1px solid var(--action); border-radius: .4rem
        }
        button.second { margin-top: .6rem; color: inherit; background: none; border-color: var(--line) } a { color: var(--action) }
        :focus-visible { outline: 3px solid var(--action); outline-offset: 2px }
        """;

    // Allowed by its hash, so that no other style is applied.
    private static readonly string StyleSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";
    private static readonly Html StyleElement = Verbatim($"<style>{Style}</style>");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src {StyleSource}; form-action 'self'{(formTarget is null ? "" : $" {formTarget}")}; "
            + "frame-ancestors 'none'; base-uri 'none'";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        Html page =
            $"""
             <!DOCTYPE html>
             <html lang="en">
             <head>
             <meta charset="utf-8">
             <meta name="viewport" content="width=device-width, initial-scale=1">
             <title>{title} - Idoven</title>
             {StyleElement}
             </head>
             <body>
             <main>
             <p class="brand">Idoven</p>
             <h1>{title}</h1>
             {body}
             </main>
             </body>
             </html>

             """;
        return response.WriteAsync(page.ToString(), httpContext.RequestAborted);
    }

    private static Html Verbatim(string html)
    {
        var verbatim = new Html(html.Length, 0);
        verbatim.AppendLiteral(html);
        return verbatim;
    }
}
