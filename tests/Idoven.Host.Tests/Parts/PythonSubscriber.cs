using System.Diagnostics;

namespace Idoven.Host.Tests.Parts;

/// <summary>examples/python/subscribe.py, run as a reader of the documentation would.</summary>
internal sealed class PythonSubscriber : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process process;

    private PythonSubscriber(Process process)
    {
        this.process = process;
        Listening = Line("listening");
    }

    /// <summary>Its queue is bound.</summary>
    public Task<string> Listening { get; }

    public static async Task<bool> IsAvailable(string python)
    {
        using var probe = Process.Start(new ProcessStartInfo(python, ["-c", "import pika"]) { RedirectStandardError = true })!;
        await probe.WaitForExitAsync();
        return probe.ExitCode == 0;
    }

    public static PythonSubscriber Start(string python, Uri broker)
    {
        var script = Path.Combine(Repository.Root, "examples", "python", "subscribe.py");
        var start = new ProcessStartInfo(python, ["-u", script, broker.AbsoluteUri]) { RedirectStandardOutput = true };
        return new PythonSubscriber(Process.Start(start)!);
    }

    /// <summary>The next line that holds the text.</summary>
    public async Task<string> Line(string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The subscriber ended before it printed {text}.");
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}
