namespace Idoven.Cli.Accuracy;

/// <summary>The command line of <c>accuracy</c>.</summary>
internal sealed record AccuracyOptions
{
    /// <summary>The folder of WFDB records with annotations.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the report goes; null for standard output.</summary>
    public string? Report { get; private init; }

    /// <exception cref="UsageException">An argument isn't known, or has no good value.</exception>
    public static AccuracyOptions Parse(IReadOnlyList<string> arguments)
    {
        string? folder = null, report = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--report" when i + 1 < arguments.Count:
                    report = arguments[++i];
                    break;
                case "--report":
                    throw new UsageException("--report needs a value.");
                case ['-', ..]:
                    throw new UsageException($"{arguments[i]} is not an option of accuracy.");
                default:
                    folder = folder is null ? arguments[i] : throw new UsageException($"one folder at a time, not {arguments[i]} too.");
                    break;
            }
        }

        return new AccuracyOptions { Folder = folder ?? throw new UsageException("accuracy needs a folder of WFDB records with annotations (.hea, .atr)."), Report = report };
    }
}
