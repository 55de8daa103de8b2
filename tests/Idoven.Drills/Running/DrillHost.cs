using System.Diagnostics;
using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Drills.Running;

/// <summary>Represents a time span in which a host is not expected to respond: it was killed, stopped or is starting.</summary>
/// <param name="Host">The index of the host.</param>
/// <param name="From">The start, in seconds since the drill began.</param>
/// <param name="To">The end, in seconds since the drill began.</param>
internal sealed record DownSpan(int Host, double From, double To);

/// <summary>
/// Represents a host of a drill: two proxies, two ports, and the current process. A killed host starts again at the same address.
/// </summary>
internal sealed class DrillHost : IAsyncDisposable
{
    private const int ShownLines = 40;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(3);

    private readonly Func<DrillHost, ProcessStartInfo> command;
    private readonly Stopwatch clock;
    private readonly Reaper reaper;
    private readonly HostLog lines;
    private readonly Lock gate = new();
    private readonly List<DownSpan> downSpans = [];
    private readonly HttpClient management;
    private double? downSince;
    private Process? process;
    private long peakMemory;

    public DrillHost(int index, Servers servers, Stopwatch clock, Reaper reaper, Func<DrillHost, ProcessStartInfo> command)
    {
        (Index, this.clock, this.reaper, this.command) = (index, clock, reaper, command);
        Database = Proxy.Start(FreePort.Take(), servers.DatabasePort);
        Broker = Proxy.Start(FreePort.Take(), servers.BrokerPort);
        management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ManagementPort}"), Timeout = TimeSpan.FromSeconds(5) };
        lines = new HostLog(clock);
    }

    public int Index { get; }

    public int Port { get; } = FreePort.Take();

    public int ManagementPort { get; } = FreePort.Take();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Gets the proxy between the host and the database.</summary>
    public Proxy Database { get; }

    /// <summary>Gets the proxy between the host and the broker.</summary>
    public Proxy Broker { get; }

    public int ProcessId => process?.Id ?? 0;

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Gets the highest number of log lines in one second.</summary>
    public int PeakLines => lines.Peak;

    /// <summary>Gets the lines of the second with the most log lines, for the report.</summary>
    public IReadOnlyList<string> BusiestLines => lines.Busiest;

    /// <summary>Gets the log, each line with the second of its arrival.</summary>
    public IReadOnlyList<string> Log => lines.All;

    /// <summary>Gets the highest resident memory of its processes, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            SampleMemory();
            return peakMemory;
        }
    }

    /// <summary>Gets the exit codes of processes that ended without a request to stop.</summary>
    public List<string> UnexpectedEnds { get; } = [];

    public IReadOnlyList<DownSpan> DownSpans
    {
        get
        {
            lock (gate)
            {
                return downSince is { } since ? [.. downSpans, new DownSpan(Index, since, double.MaxValue)] : [.. downSpans];
            }
        }
    }

    /// <summary>Starts the process without waiting for it.</summary>
    public void StartProcess()
    {
        MarkDown();
        var started = Process.Start(command(this))!;
        process = started;
        reaper.AddProcess(started.Id);
        started.OutputDataReceived += (_, line) => lines.Add(line.Data);
        started.ErrorDataReceived += (_, line) => lines.Add(line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
    }

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task Start(CancellationToken ct)
    {
        StartProcess();
        await WaitUntilReady(ct);
    }

    /// <summary>Waits until the host reports that it is ready.</summary>
    public async Task WaitUntilReady(CancellationToken ct)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await IsReady(ct))
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"Host {Index} ended with {process?.ExitCode} before it was ready: {LastLines()}");
            }

            if (Stopwatch.GetElapsedTime(since) > ReadyWithin)
            {
                throw new TimeoutException($"Host {Index} was not ready after {ReadyWithin.TotalSeconds:0} s: {LastLines()}");
            }

            await Task.Delay(50, ct);
        }

        MarkUp();

        string LastLines() => string.Join('\n', Log.TakeLast(ShownLines));
    }

    public async Task<bool> IsReady(CancellationToken ct)
    {
        try
        {
            using var response = await management.GetAsync("/health/ready", ct);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Kills the process with kill -9.</summary>
    public async Task Kill()
    {
        MarkDown();
        SampleMemory();
        if (process is { HasExited: false } running)
        {
            Processes.SendKill(running.Id);
            await running.WaitForExitAsync();
        }
    }

    /// <summary>Sends SIGTERM and waits for the end of the process; kills it with kill -9 after a minute.</summary>
    public async Task Terminate(CancellationToken ct)
    {
        MarkDown();
        SampleMemory();
        if (process is { HasExited: false } running)
        {
            Processes.SendTerminate(running.Id);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(TimeSpan.FromMinutes(1));
            try
            {
                await running.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                UnexpectedEnds.Add("did not end within 60 s of SIGTERM");
                await Kill();
            }
        }
    }

    /// <summary>Stops the process with SIGSTOP.</summary>
    public void Freeze()
    {
        MarkDown();
        Processes.SendStop(ProcessId);
    }

    /// <summary>Continues the process with SIGCONT.</summary>
    public void Resume()
    {
        Processes.SendContinue(ProcessId);
        MarkUp();
    }

    /// <summary>Restarts the process if it ended by itself, as a supervisor does, and records that it ended.</summary>
    /// <returns>True if the process had ended.</returns>
    public bool RestartIfEnded()
    {
        lock (gate)
        {
            if (downSince is not null || process is not { HasExited: true } ended)
            {
                return false;
            }

            UnexpectedEnds.Add($"ended by itself with exit code {ended.ExitCode}");

            // The sockets are closed some time before the process has ended.
            downSince = clock.Elapsed.TotalSeconds - (TimeProvider.System.GetLocalNow().DateTime - ended.ExitTime).TotalSeconds - 1;
        }

        StartProcess();
        return true;
    }

    public void SampleMemory() => peakMemory = Math.Max(peakMemory, ProcessId > 0 ? Processes.PeakMemory(ProcessId) : 0);

    /// <summary>Starts a time span in which no responses are expected although the process runs.</summary>
    public void MarkDown()
    {
        lock (gate)
        {
            downSince ??= clock.Elapsed.TotalSeconds;
        }
    }

    public void MarkUp()
    {
        lock (gate)
        {
            if (downSince is { } since)
            {
                downSpans.Add(new DownSpan(Index, since, clock.Elapsed.TotalSeconds + 1));
                downSince = null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false } running)
        {
            Processes.SendKill(running.Id);
            await running.WaitForExitAsync();
        }

        process?.Dispose();
        await Database.DisposeAsync();
        await Broker.DisposeAsync();
        management.Dispose();
    }
}
