namespace Idoven.Cli;

/// <summary>Ends the program with one readable message and an exit code.</summary>
internal class CliException(string message, int exitCode = CliException.Failed) : Exception(message)
{
    public const int Failed = 1;
    public const int Usage = 2;

    public int ExitCode { get; } = exitCode;
}

/// <summary>The command line is wrong: the usage helps.</summary>
internal sealed class UsageException(string message) : CliException(message, Usage);
