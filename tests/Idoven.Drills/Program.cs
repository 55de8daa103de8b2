using System.Diagnostics;
using System.Runtime.InteropServices;
using Idoven.Drills.Faults;
using Idoven.Drills.Running;

namespace Idoven.Drills;

/// <summary>Runs drills on the service as a black box: real host processes over private servers, load, faults, and a checker.</summary>
internal static class Program
{
    private const int UsageExitCode = 2;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [AlteredHost.Verb, .. var settings])
        {
            await AlteredHost.Run(settings);
            return 0;
        }

        Options options;
        try
        {
            options = Options.Read(arguments);
            foreach (var name in options.Names.Where(name => name is not ("all" or "broken" or "list") && Catalog.Find(name) is null))
            {
                throw new ArgumentException($"there is no fault {name}; ./idoven drill list shows all faults");
            }
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"drill: {e.Message}\n\n{Options.Usage}");
            return UsageExitCode;
        }

        if (options.Names.Contains("list"))
        {
            foreach (var fault in Catalog.All)
            {
                Console.WriteLine($"{fault.Name,-26} {fault.What}");
            }

            return 0;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        return await new Session(options).Run(stop.Token);

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}

/// <summary>Runs all drills of one command.</summary>
internal sealed class Session(Options options)
{
    private readonly List<DrillResult> results = [];
    private readonly List<BrokenResult> broken = [];
    private readonly Dictionary<int, long> cleanMemory = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private bool couldNotStart;

    /// <returns>The exit code: 0 if every drill that could run has passed.</returns>
    public async Task<int> Run(CancellationToken stop)
    {
        try
        {
            using var reaper = new Reaper();
            await using var servers = await Servers.Start(reaper);
            Print($"PostgreSQL and RabbitMQ are up after {clock.Elapsed.TotalSeconds:0} s");
            var template = await Template.Create(servers, reaper, options.HostFolder, stop);
            Print($"the database is migrated and has its clients after {clock.Elapsed.TotalSeconds:0} s");
            Console.WriteLine(Report.Head);
            var drill = new Drill(servers, template, reaper, options.HostFolder, options.IsQuick, options.LogFolder);
            if (options.IsQuick)
            {
                await RunTogether(drill, stop);
            }
            else
            {
                await RunRounds(drill, stop);
                if (options.Names.Any(name => name is "all" or "broken"))
                {
                    broken.AddRange(await BrokenBuilds.Run(servers, reaper, template, options.HostFolder, stop));
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Print("stopped; all processes and data of the drills were removed");
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            Print($"the drills could not be started: {e.GetType().Name}: {e.Message}");
            couldNotStart = true;
        }
        finally
        {
            Builds.RemoveAll();
        }

        if (options.ReportFile is { } file)
        {
            await Report.Write(file, results, broken);
        }

        var passed = results.Count(result => result.HasPassed) + broken.Count(result => result.WasCaught);
        var skipped = results.Count(result => result.Skipped is not null);
        var failed = results.Count + broken.Count - passed - skipped + (stop.IsCancellationRequested || couldNotStart ? 1 : 0);
        Print($"all drills took {clock.Elapsed.TotalSeconds:0} s");
        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");

        // In CI a skipped drill has failed, as a skipped test has.
        var mustRun = Environment.GetEnvironmentVariable("CI") is not (null or "");
        return failed > 0 || passed == 0 || (mustRun && skipped > 0) ? 1 : 0;
    }

    private static void Print(FormattableString text) => Console.Error.WriteLine($"drill: {FormattableString.Invariant(text)}");

    private static void Print(string text) => Console.Error.WriteLine($"drill: {text}");

    private List<Fault> Faults() =>
    [
        .. from name in options.Names
           where name != "broken"
           from fault in name == "all" ? All() : [Catalog.Find(name)!]
           select fault,
    ];

    private IEnumerable<Fault> All() => options.IsQuick ? Catalog.Quick.Select(name => Catalog.Find(name)!) : Catalog.All;

    /// <summary>Runs the drills that do not break the servers at the same time, then the others one after the other.</summary>
    private async Task RunTogether(Drill drill, CancellationToken stop)
    {
        var faults = Faults();
        var together = faults.Where(fault => !fault.BreaksServers)
            .Select((fault, number) => drill.Run(fault, options.Seed + number, cleanMemory: null, stop));
        foreach (var result in await Task.WhenAll(together))
        {
            Add(result);
        }

        foreach (var fault in faults.Where(fault => fault.BreaksServers))
        {
            Add(await drill.Run(fault, options.Seed, cleanMemory: null, stop));
        }
    }

    private async Task RunRounds(Drill drill, CancellationToken stop)
    {
        var faults = Faults();
        var left = options.Runs ?? (options.Duration is null ? faults.Count : int.MaxValue);
        for (var seed = options.Seed; left > 0 && faults.Count > 0; seed++)
        {
            foreach (var fault in faults.Take(left))
            {
                if (options.Duration is { } duration && clock.Elapsed > duration)
                {
                    return;
                }

                Add(await drill.Run(fault, seed, await CleanMemory(drill, fault, stop), stop));
                left--;
            }
        }
    }

    /// <summary>
    /// Returns the peak memory of a host in a drill without a fault and with the same number of hosts, which is run once.
    /// </summary>
    private async Task<long?> CleanMemory(Drill drill, Fault fault, CancellationToken stop)
    {
        if (fault.Name == "none" || fault.Traits.HasPoison || fault.CannotRun() is not null)
        {
            return null;
        }

        if (!cleanMemory.ContainsKey(fault.Hosts))
        {
            var name = $"none, {fault.Hosts} host{(fault.Hosts > 1 ? "s" : "")}";
            var clean = Catalog.Find("none")! with { Name = name, Hosts = fault.Hosts };
            Add(await drill.Run(clean, options.Seed, cleanMemory: null, stop));
            if (results[^1].Evidence is { } evidence)
            {
                cleanMemory[fault.Hosts] = evidence.Hosts.Max(host => host.PeakMemory);
            }
        }

        return cleanMemory.TryGetValue(fault.Hosts, out var bytes) ? bytes : null;
    }

    private void Add(DrillResult result)
    {
        results.Add(result);
        Console.WriteLine(Report.Row(result));
        if (result.Fault.Name == "none" && result.Evidence is { } evidence)
        {
            cleanMemory[result.Fault.Hosts] = evidence.Hosts.Max(host => host.PeakMemory);
        }
    }
}
