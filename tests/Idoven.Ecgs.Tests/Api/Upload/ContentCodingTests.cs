using System.IO.Compression;
using System.Text;
using Idoven.Ecgs.Api.Upload;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Idoven.Ecgs.Tests.Api.Upload;

public sealed class ContentCodingTests
{
    private static readonly string Samples = string.Join(',', Enumerable.Range(0, 200).Select(sample => sample * sample % 1009));

    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        $$"""{"date":"2026-11-23T10:15:00Z","leads":[{"name":"I","signal":[{{Samples}}]}]}""");

    [Theory]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("X-GZip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("ZSTD")]
    public async Task Compressed_body_is_read_like_the_plain_one(string coding)
    {
        var outcome = await Read(coding, Compress(coding, Body));

        Assert.Null(outcome.Rejection);
        Assert.Equal((await Outcome.Read(Arrival.Whole(Body))).Text(Body), outcome.Text(Body));
    }

    [Theory, InlineData("deflate"), InlineData("compress"), InlineData("gzip, br"), InlineData("x")]
    public void Unknown_coding_is_not_supported(string coding) => Assert.Null(ContentCoding.Decompress(coding, Arrival.Whole(Body)));

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Body_with_another_coding_than_its_header_is_rejected(string coding)
    {
        foreach (var body in new[] { Body, Compress(coding == "gzip" ? "zstd" : "gzip", Body), [] })
        {
            var rejection = (await Read(coding, body)).Rejection!;
            Assert.Equal((UploadRejection.Invalid, null), (rejection.Rejection, rejection.Pointer));
            Assert.StartsWith("At byte 0: ", rejection.Message, StringComparison.Ordinal);
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Truncated_compressed_body_is_rejected(string coding)
    {
        var compressed = Compress(coding, Body);
        for (var length = 0; length < compressed.Length; length++)
        {
            // If only the checksum was cut off, all samples are read.
            var outcome = await Read(coding, compressed[..length]);
            Assert.True(
                outcome.Rejection is { Rejection: UploadRejection.Invalid }
                || (length > compressed.Length - 10 && outcome.Text(Body) == (await Outcome.Read(Arrival.Whole(Body))).Text(Body)));
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Damaged_compressed_body_is_read_or_rejected_without_another_exception(string coding)
    {
        var compressed = Compress(coding, Body);
        for (var at = 0; at < compressed.Length; at++)
        {
            var damaged = compressed.ToArray();
            damaged[at] ^= 0x55;
            var outcome = await Read(coding, damaged);
            Assert.True(outcome.Rejection is null or { Rejection: UploadRejection.Invalid or UploadRejection.TooLarge });
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Decompressed_length_is_limited(string coding)
    {
        byte[] large = [.. Body[..^4], .. Enumerable.Repeat((byte)' ', 1 << 20), .. Body[^4..]];
        var compressed = Compress(coding, large);

        Assert.InRange(compressed.Length, 1, 20_000);
        Assert.Null((await Read(coding, compressed, new UploadLimits(200, large.Length))).Rejection);
        Assert.Equal(UploadRejection.TooLarge, (await Read(coding, compressed, new UploadLimits(200, large.Length - 1)))
            .Rejection?.Rejection);
    }

    [Fact]
    public async Task Zstd_frame_with_a_window_of_more_than_8_MiB_is_rejected()
    {
        Assert.Null((await Read("zstd", Compress("zstd", Body, windowLog: 23))).Rejection);
        Assert.Equal(UploadRejection.Invalid, (await Read("zstd", Compress("zstd", Body, windowLog: 24))).Rejection?.Rejection);
    }

    private static async Task<Outcome> Read(string coding, byte[] compressed, UploadLimits? limits = null)
    {
        var body = ContentCoding.Decompress(coding, Arrival.InReads(compressed, () => 100))!;
        try
        {
            return await Outcome.Read(body, limits);
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    private static byte[] Compress(string coding, byte[] body, int windowLog = 0)
    {
        var compressed = new MemoryStream();
        using (var stream = CreateCompressor(coding, compressed, windowLog))
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }

    private static Stream CreateCompressor(string coding, MemoryStream compressed, int windowLog)
    {
        switch (coding.ToLowerInvariant())
        {
            case "gzip" or "x-gzip":
                return new GZipStream(compressed, CompressionLevel.Fastest);
            case "br":
                return new BrotliStream(compressed, CompressionLevel.Fastest);
            case "zstd":
                var zstd = new CompressionStream(compressed);
                zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
                zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
                return zstd;
            default:
                return compressed;
        }
    }
}
