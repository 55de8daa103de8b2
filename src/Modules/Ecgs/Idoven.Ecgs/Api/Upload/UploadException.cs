namespace Idoven.Ecgs.Api.Upload;

/// <summary>Why a body is refused: where (a JSON pointer, where there is one) and what.</summary>
internal sealed class UploadException(UploadRejection refusal, string? pointer, string detail) : Exception(detail)
{
    public UploadRejection Refusal { get; } = refusal;

    public string? Pointer { get; } = pointer;

    public static UploadException Invalid(string pointer, string detail) => new(UploadRejection.Invalid, pointer, detail);

    public static UploadException Broken(long position, string detail) => new(UploadRejection.Invalid, null, $"At byte {position}: {detail}");

    public static UploadException TooLarge(string detail) => new(UploadRejection.TooLarge, null, detail);
}

internal enum UploadRejection
{
    /// <summary>400</summary>
    Invalid,

    /// <summary>413</summary>
    TooLarge,
}
