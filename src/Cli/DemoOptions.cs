using System.Globalization;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>Represents the command line of <c>demo</c>.</summary>
internal sealed record DemoOptions
{
    /// <summary>Gets the path of the recording; null for a synthetic one.</summary>
    public string? File { get; private init; }

    /// <summary>Gets the address of the service.</summary>
    public Uri Url { get; private init; } = new("http://localhost:8080");

    /// <summary>Gets the address of the broker, with user and password; null to run without a subscriber.</summary>
    public Uri? Amqp { get; private init; }

    public Credentials Credentials { get; private init; } = new("user", "user-demo-password", IsClient: false);

    /// <summary>Gets the limit for the token, the insights and the event, each.</summary>
    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(60);

    public CsvOptions Csv { get; private init; } = new();

    /// <summary>Gets the path of the plot (SVG); null for no plot.</summary>
    public string? Plot { get; private init; }

    /// <summary>Gets whether only the raw insight document is written to standard output.</summary>
    public bool IsJson { get; private init; }

    /// <summary>Parses the arguments after the verb.</summary>
    /// <exception cref="UsageException">An argument is unknown or has an invalid value.</exception>
    public static DemoOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new DemoOptions();
        string? user = null, password = null, client = null, secret = null;
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            switch (argument)
            {
                case "--url":
                    options = options with { Url = Address(argument, Value(argument), "http", "https") };
                    break;
                case "--amqp":
                    options = options with { Amqp = Address(argument, Value(argument), "amqp", "amqps") };
                    break;
                case "--user":
                    user = Value(argument);
                    break;
                case "--password":
                    password = Value(argument);
                    break;
                case "--client":
                    client = Value(argument);
                    break;
                case "--secret":
                    secret = Value(argument);
                    break;
                case "--timeout":
                    options = options with { Timeout = TimeSpan.FromSeconds(Positive(argument, Value(argument), atMost: 86_400)) };
                    break;
                case "--scale":
                    options = options with { Csv = options.Csv with { Scale = Positive(argument, Value(argument)) } };
                    break;
                case "--fs":
                    options = options with { Csv = options.Csv with { SamplingFrequency = Positive(argument, Value(argument)) } };
                    break;
                case "--plot":
                    options = options with { Plot = Value(argument) };
                    break;
                case "--json":
                    options = options with { IsJson = true };
                    break;
                case ['-', ..]:
                    throw new UsageException($"{argument} is not an option of demo.");
                default:
                    options = options.File is null
                        ? options with { File = argument }
                        : throw new UsageException($"demo takes one recording, so {argument} is not expected.");
                    break;
            }
        }

        if ((user is null) != (password is null) || (client is null) != (secret is null) || (user is not null && client is not null))
        {
            throw new UsageException("Give --user with --password, or --client with --secret, or none of these.");
        }

        if (options.File is null && options.Csv != new CsvOptions())
        {
            throw new UsageException("--scale and --fs are only for CSV files.");
        }

        return client is not null ? options with { Credentials = new Credentials(client, secret!, IsClient: true) }
            : user is not null ? options with { Credentials = new Credentials(user, password!, IsClient: false) }
            : options;

        string Value(string option) => rest.TryDequeue(out var value) ? value : throw new UsageException($"{option} needs a value.");
    }

    private static Uri Address(string option, string value, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme)
            ? address
            : throw new UsageException($"{option} must be an address that starts with {schemes[0]}://.");

    private static double Positive(string option, string value, double atMost = double.MaxValue) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= atMost
            ? number
            : throw new UsageException($"{option} must be a number greater than 0, not '{value}'.");
}
