using System.Buffers.Text;
using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace Idoven.Host;

/// <summary>
/// Serves the API reference at <c>/docs</c> from this host alone: the page loads nothing from other servers.
/// </summary>
internal static class ApiReference
{
    private const string Address = "/docs";
    private const int NonceBytes = 16;

    /// <summary>Maps the reference, and redirects browsers that open the address of the service.</summary>
    public static void MapApiReference(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", (HttpContext context) => context.PrefersHtml() ? Results.Redirect(Address) : Results.NotFound())
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapScalarApiReference(Address, (options, context) =>
        {
            var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes));
            options.WithNonce(nonce)
                .DisableAgent()
                .DisableMcp()
                .HideDeveloperTools()
                .DisableDefaultFonts()
                .DisableTelemetry();
            options.ProxyUrl = null;

            // The script sets styles on elements. Users enter access tokens here, so no other page may frame it.
            context.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                + "font-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
        }).AllowAnonymous();
    }
}
