namespace Idoven.Cli.Errors;

/// <summary>The exception for a file that is not a valid ECG. The message starts with the path and, if known, the line.</summary>
internal sealed class BadFileException(string path, int? line, string message)
    : CliException(line is null ? $"{path}: {message}" : $"{path}:{line}: {message}");
