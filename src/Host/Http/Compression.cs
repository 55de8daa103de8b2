using Idoven.Shared.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using CompressionLevel = System.IO.Compression.CompressionLevel;

namespace Idoven.Host.Http;

/// <summary>
/// Compresses large responses to GET requests whose client asks for it. The ETag of a compressed response is weak and names the coding,
/// because its bytes differ from those of the plain response.
/// </summary>
internal static class Compression
{
    /// <summary>The smallest response in bytes that is compressed.</summary>
    public const int MinBytes = 16 * 1024;

    private static readonly string[] Types = ["application/json", "text/csv", "application/octet-stream", "application/x-wfdb-annotation"];

    internal static void AddCompression(this IServiceCollection services)
    {
        services.AddSingleton<IResponseCompressionProvider, LargeResponseCompression>();
        services.AddResponseCompression(options =>
        {
            // No page, and no response with a credential, is large enough or has one of these types.
            options.EnableForHttps = true;
            options.MimeTypes = Types;
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
    }

    /// <summary>Must be used after the routing, which finds whether the response may be compressed.</summary>
    internal static void UseCompression(this IApplicationBuilder app) => app.UseWhen(IsCompressible, compressible =>
    {
        compressible.Use((context, next) =>
        {
            context.OnResponse(headers => AddVary(context.Response, headers));
            return next(context);
        });
        compressible.UseResponseCompression();
        compressible.Use(async (context, next) =>
        {
            if (!context.RequestServices.GetRequiredService<IResponseCompressionProvider>().CheckRequestAcceptsCompression(context))
            {
                await next(context);
                return;
            }

            await HeldBackBody.Run(context, MinBytes, next);
        });
    });

    private static bool IsCompressible(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<UncompressedResponse>() is null;

    private static void AddVary(HttpResponse response, IHeaderDictionary headers)
    {
        var mayBeCompressed = response.StatusCode == StatusCodes.Status304NotModified
            || (response.StatusCode == StatusCodes.Status200OK && MediaTypeHeaderValue.TryParse(response.ContentType, out var type)
                && Types.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase));
        var named = headers.GetCommaSeparatedValues(HeaderNames.Vary);
        if (mayBeCompressed && !named.Contains(HeaderNames.AcceptEncoding, StringComparer.OrdinalIgnoreCase))
        {
            headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        }
    }

    /// <summary>Leaves out short responses: <see cref="HeldBackBody"/> has set the length of such a response.</summary>
    private sealed class LargeResponseCompression(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        public override bool ShouldCompressResponse(HttpContext context) =>
            context.Response.StatusCode == StatusCodes.Status200OK
            && context.Response.ContentLength is not < MinBytes
            && base.ShouldCompressResponse(context);

        public override ICompressionProvider? GetCompressionProvider(HttpContext context)
        {
            var provider = base.GetCompressionProvider(context);
            if (provider is not null)
            {
                Conditional.SetCoding(context, provider.EncodingName);
            }

            return provider;
        }
    }
}
