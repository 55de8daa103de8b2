using Idoven.Cli;
using Idoven.Cli.Accuracy;
using Idoven.Cli.Errors;

const string usage = """
    usage: demo [recording] [options]

    Runs the main use case as a client: gets a token, uploads an ECG, waits for its insights and prints them, and prints the
    event that a subscriber received.

      recording            a WFDB record (its .hea or its name), a .csv or a .json file (default: a synthetic 12-lead ECG)
      --url URL            address of the service (default http://localhost:8080)
      --amqp URI           address of the broker, with user and password; without it there is no subscriber
      --user NAME --password WORD    sign in as this user (default: the demo user)
      --client ID --secret SECRET    authenticate as this machine client instead
      --timeout SECONDS    limit for the token, the insights and the event, each (default 60)
      --scale N            for CSV: multiply every value by N and round it, for example 1000 for mV
      --fs HZ              for CSV: sampling frequency
      --plot FILE          write a plot of ten seconds with the detected beats (SVG)
      --json               print only the raw insight document; progress is written to standard error

    usage: accuracy FOLDER [--report FILE]

    Compares the beats that the engine detects with the annotations of every WFDB record (.hea, .atr) in a folder, by
    ANSI/AAMI EC57.

      --report FILE        write the report to this file (Markdown), and a plot beside it (.svg); default: standard output
    """;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

try
{
    switch (args)
    {
        case ["demo", .. var rest] when !rest.Contains("--help") && !rest.Contains("-h"):
            await new Demo(DemoOptions.Parse(rest), Console.Out, Console.Error, TimeProvider.System).Run(stop.Token);
            return 0;
        case ["accuracy", .. var rest] when !rest.Contains("--help") && !rest.Contains("-h"):
            await new MeasureAccuracy(AccuracyOptions.Parse(rest), Console.Out, Console.Error, TimeProvider.System).Run(stop.Token);
            return 0;
        case ["demo" or "accuracy" or "help" or "--help" or "-h", ..]:
            Console.WriteLine(usage);
            return 0;
        default:
            throw new UsageException(args is [] ? "A verb is missing." : $"Unknown verb: {args[0]}.");
    }
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync($"idoven: {e.Message}\n\n{usage}");
    return e.ExitCode;
}
catch (CliException e)
{
    await Console.Error.WriteLineAsync($"idoven: {e.Message}");
    return e.ExitCode;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("idoven: cancelled.");
    return 130;
}
