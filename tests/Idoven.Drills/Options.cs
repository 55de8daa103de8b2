using System.Globalization;

namespace Idoven.Drills;

/// <summary>Represents the options of the command line.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        drill [NAME...|all|broken|list] [--seed N] [--runs N] [--minutes M] [--quick] [--report FILE] [--logs FOLDER]
                [--host FOLDER]

          NAME           the name of a fault; several are run in the given order
          all            every fault, and the broken builds unless --quick (the default)
          broken         the broken builds only: the checker must detect each patch of tests/Idoven.Drills/Broken
          list           prints the faults
          --seed N       the seed of the random choices of load and fault (default: 1)
          --runs N       the number of drills: the faults in turn, with the next seed in each round
          --minutes M    runs rounds until M minutes have passed, and completes the current drill
          --quick        three selected faults (instead of all), shorter and at the same time
          --report FILE  writes the table to a Markdown file
          --logs FOLDER  keeps the host logs of failed drills in a folder
          --host FOLDER  the folder with Idoven.Host.dll of the build under test (default: the folder of this program)
        """;

    public IReadOnlyList<string> Names { get; init; } = [];

    public int Seed { get; init; } = 1;

    public int? Runs { get; init; }

    public TimeSpan? Duration { get; init; }

    public bool IsQuick { get; init; }

    public string? ReportFile { get; init; }

    public string? LogFolder { get; init; }

    public string HostFolder { get; init; } = AppContext.BaseDirectory;

    /// <exception cref="ArgumentException">An argument is unknown, or its value is not valid.</exception>
    public static Options Read(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options with { IsQuick = true },
                "--seed" => options with { Seed = Number(arguments, ++i) },
                "--runs" => options with { Runs = Number(arguments, ++i) },
                "--minutes" => options with { Duration = TimeSpan.FromMinutes(Number(arguments, ++i)) },
                "--report" => options with { ReportFile = Path.GetFullPath(Value(arguments, ++i)) },
                "--logs" => options with { LogFolder = Path.GetFullPath(Value(arguments, ++i)) },
                "--host" => options with { HostFolder = Path.GetFullPath(Value(arguments, ++i)) },
                var name when name.StartsWith('-') => throw new ArgumentException($"there is no option {name}"),
                var name => options with { Names = [.. options.Names, name] },
            };
        }

        return options.Names.Count > 0 ? options : options with { Names = ["all"] };
    }

    private static string Value(IReadOnlyList<string> arguments, int i) =>
        i < arguments.Count ? arguments[i] : throw new ArgumentException($"{arguments[i - 1]} requires a value");

    private static int Number(IReadOnlyList<string> arguments, int i) =>
        int.TryParse(Value(arguments, i), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{arguments[i - 1]} requires an integer greater than 0");
}
