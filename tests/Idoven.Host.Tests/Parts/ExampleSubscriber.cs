using System.ComponentModel;
using System.Diagnostics;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a program of examples/, run as a reader of the documentation would.</summary>
internal sealed class ExampleSubscriber : IDisposable
{
    private static readonly string Examples = Path.Combine(Repository.Root, "examples");
    private static readonly string BuiltIn = Path.GetRelativePath(
        Path.Combine(Repository.Root, "tests", "Idoven.Host.Tests"), AppContext.BaseDirectory);
    private readonly Process process;

    private ExampleSubscriber(Process process) => this.process = process;

    /// <summary>Returns what is missing on this machine to run it; null if nothing is.</summary>
    public static string? Lacks(string language) => language switch
    {
        "python" when !Succeeds("/usr/bin/python3", "-c", "import pika") => "pika is not installed: apt-get install python3-pika",
        "javascript" when !Succeeds("node", "--version") => "node is not installed: apt-get install nodejs npm",
        "javascript" when !Directory.Exists(Path.Combine(Examples, language, "node_modules")) =>
            "amqplib is not installed: npm ci in examples/javascript",
        _ => null,
    };

    /// <summary>Starts the program; its queue is bound when this returns.</summary>
    public static Task<ExampleSubscriber> Start(string language, Uri broker) => language switch
    {
        "python" => Start(["/usr/bin/python3", Path.Combine(Examples, language, "subscribe.py")], broker.AbsoluteUri),
        "javascript" => Start(["node", Path.Combine(Examples, language, "subscribe.js")], broker.AbsoluteUri),
        _ => Start(["dotnet", Path.Combine(Examples, language, BuiltIn, "Subscribe.dll")], broker.AbsoluteUri),
    };

    /// <summary>Starts the Python program that also reads the insights.</summary>
    public static Task<ExampleSubscriber> StartFollowing(Uri broker, Uri service, string client, string secret) =>
        Start(
            ["/usr/bin/python3", Path.Combine(Examples, "python", "follow.py")],
            broker.AbsoluteUri,
            service.AbsoluteUri.TrimEnd('/'),
            client,
            secret);

    private static async Task<ExampleSubscriber> Start(string[] command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments]) { RedirectStandardOutput = true };
        var subscriber = new ExampleSubscriber(Process.Start(start)!);
        await subscriber.LinesTo("listening");
        return subscriber;
    }

    /// <summary>Returns the next lines, up to the first one that contains the text.</summary>
    public async Task<IReadOnlyList<string>> LinesTo(string text)
    {
        var lines = new List<string>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return lines;
            }
        }

        throw new InvalidOperationException($"The subscriber ended before it printed {text}.");
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var probe = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
