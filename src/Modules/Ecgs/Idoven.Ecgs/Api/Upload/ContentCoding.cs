using System.IO.Compression;
using System.IO.Pipelines;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>Decompresses uploads by their content coding. <see cref="UploadReader"/> limits the decompressed size.</summary>
internal static class ContentCoding
{
    // At most 8 MiB (RFC 9659), because a frame of a few bytes could demand much more memory.
    private const int ZstdMaxWindowLog = 23;

    /// <param name="coding">The value of Content-Encoding; empty if there is none.</param>
    /// <param name="body">The body as it arrives.</param>
    /// <returns>
    /// The decompressed body; null if the coding is not supported. If it is not the reader of the body itself, the caller must complete it.
    /// </returns>
    public static PipeReader? Decompress(string coding, PipeReader body) => coding.ToLowerInvariant() switch
    {
        "" or "identity" => body,
        "gzip" or "x-gzip" => PipeReader.Create(new GZipStream(body.AsStream(leaveOpen: true), CompressionMode.Decompress)),
        "br" => PipeReader.Create(new BrotliStream(body.AsStream(leaveOpen: true), CompressionMode.Decompress)),
        "zstd" => PipeReader.Create(Zstd(body.AsStream(leaveOpen: true))),
        _ => null,
    };

    /// <returns>True for the exceptions of a compressed body that is damaged or truncated.</returns>
    public static bool IsDamage(Exception exception) => exception
        is InvalidDataException or ZstdException or EndOfStreamException
        or InvalidOperationException { Source: "System.IO.Compression.Brotli" }; // BrotliStream throws no other exception.

    private static DecompressionStream Zstd(Stream compressed)
    {
        var stream = new DecompressionStream(compressed, leaveOpen: false);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdMaxWindowLog);
        return stream;
    }
}
