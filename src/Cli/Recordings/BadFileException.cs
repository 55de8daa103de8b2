namespace Idoven.Cli.Recordings;

/// <summary>A file can't be taken as an ECG; the message begins with the file, and the line where there is one.</summary>
internal sealed class BadFileException(string path, int? line, string message)
    : CliException(line is null ? $"{path}: {message}" : $"{path}:{line}: {message}");
