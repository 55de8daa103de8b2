using System.IO.Compression;
using System.IO.Pipelines;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>The content codings an upload may come in. What a body unpacks to is bounded by <see cref="UploadReader"/>.</summary>
internal static class ContentCoding
{
    // RFC 9659: 8 MiB at most, so that a frame of a few bytes cannot claim more memory than that.
    private const int ZstdMaxWindowLog = 23;

    /// <param name="coding">The value of Content-Encoding; empty where there is none.</param>
    /// <param name="body">The body as it arrives.</param>
    /// <returns>The unpacked body; null for a coding that is not supported. Where it is another reader than the body, the caller completes it.</returns>
    public static PipeReader? Unpack(string coding, PipeReader body) => coding.ToLowerInvariant() switch
    {
        "" or "identity" => body,
        "gzip" or "x-gzip" => PipeReader.Create(new GZipStream(body.AsStream(leaveOpen: true), CompressionMode.Decompress)),
        "br" => PipeReader.Create(new BrotliStream(body.AsStream(leaveOpen: true), CompressionMode.Decompress)),
        "zstd" => PipeReader.Create(Zstd(body.AsStream(leaveOpen: true))),
        _ => null,
    };

    /// <returns>True for what an unpacked body throws where the packed one is damaged or cut short.</returns>
    public static bool IsDamage(Exception exception) => exception
        is InvalidDataException or ZstdException or EndOfStreamException
        or InvalidOperationException { Source: "System.IO.Compression.Brotli" }; // BrotliStream has no better word for it.

    private static DecompressionStream Zstd(Stream packed)
    {
        var unpacked = new DecompressionStream(packed, leaveOpen: false);
        unpacked.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdMaxWindowLog);
        return unpacked;
    }
}
