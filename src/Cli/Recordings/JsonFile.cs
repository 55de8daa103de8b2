namespace Idoven.Cli.Recordings;

/// <summary>A file that is the upload's body already: sent as it is. Whether it is a good one is for the service to say.</summary>
internal sealed class JsonFile(string path) : IUpload
{
    private readonly FileInfo file = new(path);

    public string Description => $"{file.Name}: {file.Length:N0} bytes of JSON, sent as they are";

    public IReadOnlyList<string> Notes => [];

    /// <inheritdoc/>
    public async Task<long> Write(Stream output, CancellationToken ct)
    {
        await using var input = file.OpenRead();
        await input.CopyToAsync(output, ct);
        return input.Position;
    }
}
