namespace Idoven.Ecgs.Api.Upload;

/// <summary>The body of an upload is rejected.</summary>
/// <param name="pointer">The JSON pointer of the value; null if there is none.</param>
/// <param name="detail">The reason.</param>
internal sealed class UploadException(UploadRejection rejection, string? pointer, string detail) : Exception(detail)
{
    public UploadRejection Rejection { get; } = rejection;

    public string? Pointer { get; } = pointer;

    public static UploadException Invalid(string pointer, string detail) => new(UploadRejection.Invalid, pointer, detail);

    public static UploadException Malformed(long position, string detail) =>
        new(UploadRejection.Invalid, null, $"At byte {position}: {detail}");

    public static UploadException TooLarge(string detail) => new(UploadRejection.TooLarge, null, detail);
}

internal enum UploadRejection
{
    /// <summary>The response is 400.</summary>
    Invalid,

    /// <summary>The response is 413.</summary>
    TooLarge,
}
