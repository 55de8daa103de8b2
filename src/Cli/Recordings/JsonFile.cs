namespace Idoven.Cli.Recordings;

/// <summary>Represents a file that contains the body of an upload. It is sent unchanged; the service validates it.</summary>
internal sealed class JsonFile(string path) : IUpload
{
    private readonly FileInfo file = new(path);

    public string Description => $"{file.Name}: {file.Length:N0} bytes of JSON, sent unchanged";

    public IReadOnlyList<string> Notes => [];

    /// <inheritdoc/>
    public async Task<long> Write(Stream output, CancellationToken ct)
    {
        await using var input = file.OpenRead();
        await input.CopyToAsync(output, ct);
        return input.Position;
    }
}
