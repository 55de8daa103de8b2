using Idoven.Cli;
using Idoven.Cli.Accuracy;

const string usage = """
    usage: demo [recording] [options]

    The main job seen from outside: get a token, upload an ECG, wait for its insights and print them, and the event as a
    subscriber received it.

      recording            a WFDB record (its .hea or its name), a .csv or a .json file; without one, a synthetic 12-lead ECG
      --url URL            the service                                            (default: http://localhost:8080)
      --amqp URI           the broker, with user and password; without it nobody listens for the event
      --user NAME --password WORD    act as this person                           (default: the demo user)
      --client ID --secret SECRET    act as this machine client instead
      --timeout SECONDS    how long insights and event may take, each             (default: 60)
      --scale N            CSV: multiply every value by N and round, such as 1000 for mV
      --fs HZ              CSV: its sampling frequency
      --plot FILE          write ten seconds with the beats that were found (SVG)
      --json               print the raw insight document alone; progress goes to standard error

    usage: accuracy FOLDER [--report FILE]

    Compares the engine's beats with the annotations of every WFDB record (.hea, .atr) of a folder, by ANSI/AAMI EC57.

      --report FILE        writes the report there (Markdown), and a plot beside it (.svg); else it goes to standard output
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
            throw new UsageException(args is [] ? "what shall it do?" : $"{args[0]} is not a command.");
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
    await Console.Error.WriteLineAsync("idoven: stopped.");
    return 130;
}
