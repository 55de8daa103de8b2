namespace Idoven.Cli.Recordings;

/// <summary>An ECG on its way to the service.</summary>
internal interface IUpload
{
    /// <summary>What it is, in a line.</summary>
    string Description { get; }

    /// <summary>What its reader should know beside, a line each.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Writes the upload's JSON body piece by piece.</summary>
    /// <returns>How many bytes it is.</returns>
    Task<long> Write(Stream output, CancellationToken ct);
}
