using Idoven.Cli.Errors;

namespace Idoven.Cli.Accuracy;

/// <summary>Represents the command line of <c>accuracy</c>.</summary>
internal sealed record AccuracyOptions
{
    /// <summary>Gets the folder of WFDB records with annotations.</summary>
    public required string Folder { get; init; }

    /// <summary>Gets the path of the report; null for standard output.</summary>
    public string? Report { get; private init; }

    /// <summary>Parses the arguments after the verb.</summary>
    /// <exception cref="UsageException">An argument is unknown or has an invalid value.</exception>
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
                    folder = folder is null
                        ? arguments[i]
                        : throw new UsageException($"accuracy takes one folder, so {arguments[i]} is not expected.");
                    break;
            }
        }

        return folder is not null
            ? new AccuracyOptions { Folder = folder, Report = report }
            : throw new UsageException("accuracy needs a folder of WFDB records with annotations (.hea, .atr).");
    }
}
