using System.Buffers;
using System.IO.Compression;
using System.Net;
using Idoven.Host.Http;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class CompressionTests
{
    private const string Version = "7-processed";
    private static readonly HttpClient Client = new();
    private readonly TaskCompletionSource beginningIsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets values of Accept-Encoding, each with the coding of a large response.</summary>
    public static TheoryData<string, string?> Accepted => new()
    {
        { "", null },
        { "gzip", "gzip" },
        { "br", "br" },
        { "gzip, br", "br" },
        { "gzip;q=1, br;q=0.5", "gzip" },
        { "gzip;q=0", null },
        { "identity", null },
        { "deflate", null },
        { "zstd, gzip;q=0.1", "gzip" },
        { "*", "br" },
        { "GZIP", "gzip" },
    };

    [Theory, MemberData(nameof(Accepted))]
    public async Task A_large_response_has_the_coding_that_the_client_accepts(string accept, string? coding)
    {
        await using var app = await Start();
        foreach (var (route, length) in new[] { ("json", 50_000), ("json", Compression.MinBytes), ("stream", 200_000), ("bytes", 50_000) })
        {
            using var response = await Get(app, $"/{route}?length={length}", accept);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(coding, response.Content.Headers.ContentEncoding.SingleOrDefault());
            Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
            Assert.Equal(coding is null ? $"\"{Version}\"" : $"W/\"{Version}-{coding}\"", response.Headers.ETag?.ToString());
            Assert.Equal(Body(length), await Unpacked(response));
            var sent = (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
            Assert.True(coding is null || sent < length / 2);
        }
    }

    [Theory, InlineData("gzip"), InlineData("br")]
    public async Task A_small_response_is_sent_uncompressed_with_its_length(string accept)
    {
        await using var app = await Start();
        foreach (var route in new[] { "json", "stream", "bytes" })
        {
            using var response = await Get(app, $"/{route}?length={Compression.MinBytes - 1}", accept);
            Assert.Empty(response.Content.Headers.ContentEncoding);
            Assert.Equal(Compression.MinBytes - 1, response.Content.Headers.ContentLength);
            Assert.NotEqual(true, response.Headers.TransferEncodingChunked);
            Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
            Assert.Equal($"\"{Version}\"", response.Headers.ETag?.ToString());
            Assert.Equal(Body(Compression.MinBytes - 1), await Unpacked(response));
        }
    }

    [Theory, InlineData("never", "GET"), InlineData("page", "GET"), InlineData("failed", "GET"), InlineData("json", "POST")]
    public async Task Response_without_compression_is_sent_unchanged(string route, string method)
    {
        await using var app = await Start();
        using var response = await Get(app, $"/{route}?length=50000", "gzip, br", method: method);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Empty(response.Headers.Vary);
        Assert.Equal(Body(50_000), await Unpacked(response));
    }

    [Fact]
    public async Task Response_without_a_body_stays_empty()
    {
        await using var app = await Start();
        using var response = await Get(app, "/empty", "gzip");
        Assert.Equal((HttpStatusCode.NoContent, null), (response.StatusCode, response.Content.Headers.ContentType));
    }

    [Theory]
    [InlineData("\"7-processed\"")]
    [InlineData("W/\"7-processed-gzip\"")]
    [InlineData("W/\"7-processed-br\"")]
    [InlineData("\"6\", W/\"7-processed-gzip\"")]
    public async Task An_etag_of_any_coding_is_recognised_as_current(string known)
    {
        await using var app = await Start();
        using var response = await Get(app, "/json?length=50000", "gzip", known);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal(known.Split(", ")[^1], response.Headers.ETag?.ToString());
        Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_compressed_response_that_fails_while_it_is_sent_is_aborted()
    {
        await using var app = await Start();
        using var response = await Get(app, "/half?length=200000", "gzip", option: HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        beginningIsRead.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_response_that_fails_while_it_is_buffered_is_a_problem()
    {
        await using var app = await Start();
        using var response = await Get(app, "/half?length=1000", "gzip");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private static string Body(int length) => string.Create(length, 0, (text, _) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)('0' + (i * i % 97 % 10));
        }
    });

    private static async Task<HttpResponseMessage> Get(
        WebApplication app, string path, string accept, string? ifNoneMatch = null, string method = "GET",
        HttpCompletionOption option = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), app.Urls.Single() + path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await Client.SendAsync(request, option, TestContext.Current.CancellationToken);
    }

    private static async Task<string> Unpacked(HttpResponseMessage response)
    {
        var body = new MemoryStream(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        await using Stream unpacked = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(unpacked);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private async Task<WebApplication> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddProblemDetails(
            Problems.Apply).AddExceptionHandler<ExceptionToProblemHandler>().AddSingleton(TimeProvider.System);
        builder.Services.AddCompression();
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseRouting();
        app.UseCompression();
        var text = (HttpContext context, int length) => Conditional.IsCurrent(context, Version)
            ? (IResult)TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Text(Body(length), "application/json");
        app.MapMethods("/json", ["GET", "POST"], text);
        app.MapGet("/never", text).NeverCompress();
        app.MapGet("/page", (int length) => TypedResults.Text(Body(length), "text/html"));
        app.MapGet("/failed", (int length) => TypedResults.Text(Body(length), "application/json", statusCode: 409));
        app.MapGet("/empty", () => TypedResults.NoContent());
        app.MapGet("/bytes", (HttpContext context, int length) =>
        {
            Conditional.SetTag(context, Version);
            return StreamedResponse.Bytes(Encoded(length), "text/csv");
        });
        app.MapGet("/stream", (HttpContext context, int length) =>
        {
            Conditional.SetTag(context, Version);
            return Stream(context, length, null);
        });
        app.MapGet("/half", (HttpContext context, int length) => Stream(context, length, async () =>
        {
            await (context.Response.HasStarted ? beginningIsRead.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
            throw new InvalidDataException("secret detail");
        }));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static byte[] Encoded(int length) => System.Text.Encoding.ASCII.GetBytes(Body(length));

    private static Task Stream(HttpContext context, int length, Func<Task>? end) =>
        StreamedResponse.Write(context, "application/json", contentLength: null, async response =>
        {
            foreach (var piece in Encoded(length).Chunk(1000))
            {
                response.Output.Write(piece);
                await response.FlushFullPiece();
            }

            if (end is not null)
            {
                await end();
            }
        });
}
