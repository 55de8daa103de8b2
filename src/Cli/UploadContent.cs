using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>An upload's body: written into the request as it is made, packed with gzip, hashed before the packing.</summary>
internal sealed class UploadContent : HttpContent
{
    private readonly IUpload upload;

    public UploadContent(IUpload upload)
    {
        this.upload = upload;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Headers.ContentEncoding.Add("gzip");
    }

    /// <summary>Bytes of the body before packing, once it was sent.</summary>
    public long Length { get; private set; }

    /// <summary>Of the body before packing, in hexadecimal, once it was sent.</summary>
    public string Sha256 { get; private set; } = "";

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

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
