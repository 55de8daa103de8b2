using System.Diagnostics;
using System.Net;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a host in a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IDisposable
{
    /// <summary>Two hosts that start at the same time on a busy machine share its processors with the tests.</summary>
    private static readonly TimeSpan ToBeReady = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly StringBuilder log = new();

    private HostProcess(Process process, Uri address, int managementPort)
    {
        (this.process, Address) = (process, address);
        Management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        process.OutputDataReceived += Remember;
        process.ErrorDataReceived += Remember;
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Gets the management port.</summary>
    public HttpClient Management { get; }

    /// <summary>Gets everything that the process has written to standard output and standard error.</summary>
    public string Log
    {
        get
        {
            lock (log)
            {
                return log.ToString();
            }
        }
    }

    /// <param name="more">Configuration that overrides the settings.</param>
    public static Task<HostProcess> Start(HostSettings settings, params (string Key, string Value)[] more) =>
        Start(settings, environment: [], more);

    /// <param name="environment">Environment variables besides its configuration.</param>
    /// <param name="more">Configuration that overrides the settings.</param>
    public static async Task<HostProcess> Start(
        HostSettings settings, Dictionary<string, string> environment, params (string Key, string Value)[] more)
    {
        var (port, managementPort) = (FreePort.Take(), FreePort.Take());
        var configuration = settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{port}";
        configuration["Management:Port"] = $"{managementPort}";
        foreach (var (key, value) in more)
        {
            configuration[key] = value;
        }

        var started = new HostProcess(Run(configuration, environment), new Uri($"http://127.0.0.1:{port}"), managementPort);
        await Eventually.Holds(started.IsReady, ToBeReady);
        return started;
    }

    /// <summary>Starts a host process with this configuration; its standard error can be read.</summary>
    public static Process Run(IReadOnlyDictionary<string, string> configuration, Dictionary<string, string>? environment = null)
    {
        var process = Run(configuration, [], environment);
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>Runs a command of the host program; its output can be read.</summary>
    public static Process Run(
        IReadOnlyDictionary<string, string> configuration, string[] words, Dictionary<string, string>? environment = null)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Idoven.Host.dll"), .. words, .. configuration.Select(
            pair => $"--{pair.Key}={pair.Value}")];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardError = true, RedirectStandardOutput = true };

        // The host runs for seconds: see tests/Directory.Build.props.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public HttpClient Client(string? accessToken = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = accessToken is null ? null : new("Bearer", accessToken);
        return client;
    }

    /// <summary>Kills the process.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Suspends the process: its connections stay open, and nothing in it runs.</summary>
    public void Suspend() => Signal.Send(process.Id, "STOP");

    /// <summary>Continues a suspended process.</summary>
    public void Resume() => Signal.Send(process.Id, "CONT");
    /// <summary>Sends SIGTERM and returns at once.</summary>
    public void Terminate() => Signal.Send(process.Id, "TERM");

    /// <summary>Returns the exit code when the process has ended.</summary>
    public async Task<int> WaitForExit(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode;
    }

    /// <summary>Sends SIGTERM and waits until the process has finished its open work and exited.</summary>
    public async Task Stop()
    {
        Signal.Send(process.Id, "TERM");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(deadline.Token);
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
        Management.Dispose();
    }

    private async Task<bool> IsReady()
    {
        Assert.False(process.HasExited, $"the host ended before it was ready:\n{Log}");
        try
        {
            using var response = await Management.GetAsync("/health/ready");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (log)
        {
            log.AppendLine(line.Data);
        }
    }
}
