using System.IO.Compression;
using System.Text;
using Idoven.Ecgs.Api.Upload;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Idoven.Ecgs.Tests.Api.Upload;

public sealed class ContentCodingTests
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        $$"""{"date":"2026-11-23T10:15:00Z","leads":[{"name":"I","signal":[{{string.Join(',', Enumerable.Range(0, 200).Select(sample => sample * sample % 1009))}}]}]}""");

    [Theory]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("X-GZip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("ZSTD")]
    public async Task A_packed_body_is_read_as_the_plain_one(string coding)
    {
        var outcome = await Read(coding, Pack(coding, Body));

        Assert.Null(outcome.Refusal);
        Assert.Equal((await Outcome.Of(Arrival.Whole(Body))).Text(Body), outcome.Text(Body));
    }

    [Theory, InlineData("deflate"), InlineData("compress"), InlineData("gzip, br"), InlineData("x")]
    public void Another_coding_is_not_supported(string coding) => Assert.Null(ContentCoding.Unpack(coding, Arrival.Whole(Body)));

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task A_body_that_is_not_packed_as_it_says_is_refused(string coding)
    {
        foreach (var body in new[] { Body, Pack(coding == "gzip" ? "zstd" : "gzip", Body), [] })
        {
            var refusal = (await Read(coding, body)).Refusal!;
            Assert.Equal((UploadRejection.Invalid, null), (refusal.Refusal, refusal.Pointer));
            Assert.StartsWith("At byte 0: ", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task A_packed_body_cut_short_is_refused(string coding)
    {
        var packed = Pack(coding, Body);
        for (var length = 0; length < packed.Length; length++)
        {
            // What was cut off may be a check sum alone: then every sample was there, and is as sent.
            var outcome = await Read(coding, packed[..length]);
            Assert.True(outcome.Refusal is { Refusal: UploadRejection.Invalid } || (length > packed.Length - 10 && outcome.Text(Body) == (await Outcome.Of(Arrival.Whole(Body))).Text(Body)));
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task A_damaged_packed_body_is_never_more_than_refused(string coding)
    {
        var packed = Pack(coding, Body);
        for (var at = 0; at < packed.Length; at++)
        {
            var damaged = packed.ToArray();
            damaged[at] ^= 0x55;
            var outcome = await Read(coding, damaged);
            Assert.True(outcome.Refusal is null or { Refusal: UploadRejection.Invalid or UploadRejection.TooLarge });
        }
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task What_a_body_unpacks_to_is_limited(string coding)
    {
        byte[] large = [.. Body[..^4], .. Enumerable.Repeat((byte)' ', 1 << 20), .. Body[^4..]];
        var packed = Pack(coding, large);

        Assert.InRange(packed.Length, 1, 20_000);
        Assert.Null((await Read(coding, packed, new UploadLimits(200, large.Length))).Refusal);
        Assert.Equal(UploadRejection.TooLarge, (await Read(coding, packed, new UploadLimits(200, large.Length - 1))).Refusal?.Refusal);
    }

    [Fact]
    public async Task A_zstd_frame_claims_a_window_of_8_MiB_at_most()
    {
        Assert.Null((await Read("zstd", Pack("zstd", Body, windowLog: 23))).Refusal);
        Assert.Equal(UploadRejection.Invalid, (await Read("zstd", Pack("zstd", Body, windowLog: 24))).Refusal?.Refusal);
    }

    private static async Task<Outcome> Read(string coding, byte[] packed, UploadLimits? limits = null)
    {
        var body = ContentCoding.Unpack(coding, Arrival.InReads(packed, () => 100))!;
        try
        {
            return await Outcome.Of(body, limits);
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    private static byte[] Pack(string coding, byte[] body, int windowLog = 0)
    {
        var packed = new MemoryStream();
        using (var stream = Packing(coding, packed, windowLog))
        {
            stream.Write(body);
        }

        return packed.ToArray();
    }

    private static Stream Packing(string coding, MemoryStream packed, int windowLog)
    {
        switch (coding.ToLowerInvariant())
        {
            case "gzip" or "x-gzip":
                return new GZipStream(packed, CompressionLevel.Fastest);
            case "br":
                return new BrotliStream(packed, CompressionLevel.Fastest);
            case "zstd":
                var zstd = new CompressionStream(packed);
                zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
                zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
                return zstd;
            default:
                return packed;
        }
    }
}
