using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Idoven.Drills.Running;

/// <summary>Sends signals to, and measures, the processes that the drills started.</summary>
internal static partial class Processes
{
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    public static void SendKill(int pid) => Send(pid, Kill);

    public static void SendTerminate(int pid) => Send(pid, Terminate);

    public static void SendStop(int pid) => Send(pid, Stop);

    public static void SendContinue(int pid) => Send(pid, Continue);

    /// <summary>Returns the ids of the running child processes of a process.</summary>
    public static IReadOnlyList<int> GetChildren(int pid) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           let id = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
           where id > 0 && ReadStat(id) is [_, var parent, ..] && parent == $"{pid}"
           select id,
    ];

    /// <summary>Returns whether the process exists and is not a zombie.</summary>
    public static bool IsAlive(int pid) => ReadStat(pid) is [not "Z", ..];

    /// <summary>Returns the peak resident memory of a process in bytes; 0 if the process does not exist.</summary>
    public static long PeakMemory(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Runs a program and waits for its end.</summary>
    /// <returns>The standard output of the program.</returns>
    /// <exception cref="InvalidOperationException">The exit code is not 0; the message contains the output of the program.</exception>
    public static async Task<string> Run(
        string program, IEnumerable<string> arguments, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null, CancellationToken ct = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(ct);
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException(
                    $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}{output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Returns the fields of <c>/proc/PID/stat</c> from the state on; empty if the process does not exist.</summary>
    private static string[] ReadStat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Send(int pid, int signal)
    {
        if (SendSignal(pid, signal) != 0 && IsAlive(pid))
        {
            var error = Marshal.GetLastPInvokeError();
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {pid}: error {error}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
