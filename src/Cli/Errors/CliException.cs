namespace Idoven.Cli.Errors;

/// <summary>The exception that ends the program with a message and an exit code.</summary>
internal class CliException(string message, int exitCode = CliException.Failed) : Exception(message)
{
    public const int Failed = 1;
    public const int Usage = 2;

    public int ExitCode { get; } = exitCode;
}

/// <summary>The exception for an invalid command line; the program prints the usage.</summary>
internal sealed class UsageException(string message) : CliException(message, Usage);
