namespace Idoven.Cli.Recordings;

/// <summary>Represents an ECG to upload.</summary>
internal interface IUpload
{
    /// <summary>Gets a description in one line.</summary>
    string Description { get; }

    /// <summary>Gets notes for the reader, one line each.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Writes the JSON body of the upload in chunks.</summary>
    /// <returns>The number of bytes.</returns>
    Task<long> Write(Stream output, CancellationToken ct);
}
