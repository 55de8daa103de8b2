using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>Writes an upload into the request body as it is produced, compressed with gzip, and hashes the uncompressed bytes.</summary>
internal sealed class UploadContent : HttpContent
{
    private readonly IUpload upload;

    public UploadContent(IUpload upload)
    {
        this.upload = upload;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Headers.ContentEncoding.Add("gzip");
    }

    /// <summary>Gets the bytes of the body before compression, after it was sent.</summary>
    public long Length { get; private set; }

    /// <summary>Gets the hash of the body before compression, in hexadecimal, after it was sent.</summary>
    public string Sha256 { get; private set; } = "";

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var sha = SHA256.Create();
        await using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        await using (var hashing = new CryptoStream(gzip, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            Length = await upload.Write(hashing, cancellationToken);
        }

        Sha256 = Convert.ToHexStringLower(sha.Hash!);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
