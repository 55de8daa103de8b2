using Idoven.Drills.Checking;
using Idoven.Drills.Faults;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills;

/// <summary>Represents the result of a drill.</summary>
/// <param name="Violations">The violations; empty if the drill passed.</param>
/// <param name="Evidence">The evidence; null if the drill could not be carried out.</param>
internal sealed record DrillResult(
    Fault Fault, int Seed, IReadOnlyList<Violation> Violations, Evidence? Evidence, IReadOnlyList<string> Notes)
{
    /// <summary>Gets the reason why the drill was skipped; null if it was run.</summary>
    public string? Skipped { get; init; }

    public bool HasPassed => Skipped is null && Violations.Count == 0;
}

/// <summary>
/// Runs one drill: starts everything, applies the load and the fault, repairs it, waits until the service is idle, and checks the evidence.
/// </summary>
internal sealed class Drill(Servers servers, Template template, Reaper reaper, string hostFolder, bool isQuick, string? logFolder = null)
{
    private const int Uploaders = 4;
    private const double RecoveryLimitSeconds = 40;
    private static readonly TimeSpan LimitOfAll = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LoadEndsWithin = TimeSpan.FromSeconds(60);

    /// <param name="cleanMemory">The peak memory of a drill without a fault, in bytes; null to skip the memory check.</param>
    public async Task<DrillResult> Run(Fault fault, int seed, long? cleanMemory, CancellationToken stop)
    {
        if (fault.CannotRun() is { } reason)
        {
            return new DrillResult(fault, seed, [], null, []) { Skipped = reason };
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LimitOfAll);
        try
        {
            return await RunFault(fault, seed, cleanMemory, limit.Token);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // A drill that could not be completed has failed: it proves nothing.
            return new DrillResult(fault, seed, [new Violation("drill-failed", $"{e.GetType().Name}: {e.Message}")], null, []);
        }
    }

    private async Task<DrillResult> RunFault(Fault fault, int seed, long? cleanMemory, CancellationToken ct)
    {
        await using var deployment = await Deployment.Start(servers, template, reaper, fault, hostFolder, ct);
        var random = new Random(seed);
        using var administrator = new Administrator(deployment.Hosts, deployment.History, new Random(random.Next()));
        var uploaders = template.Uploaders.Take(Uploaders).Index()
            .Select(client =>
                new Uploader($"c{client.Index + 1}", client.Item, deployment.Hosts, deployment.History, new Random(random.Next())))
            .ToList();
        await Task.WhenAll(uploaders.Select(uploader => uploader.SignIn(ct)).Append(administrator.SignIn(ct)));
        await using var repetition = fault.RepeatsDeliveries ? await Repetition.Start(deployment.BrokerAsService, ct) : null;

        using var loadEnds = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var supervisorEnds = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var supervisor = Supervise(deployment, supervisorEnds.Token);
        var load = Task.WhenAll(
            uploaders.Select(uploader => uploader.Run(loadEnds.Token, ct)).Append(administrator.Run(loadEnds.Token, ct)));
        var context = new FaultContext(deployment, administrator, random, isQuick, ct);
        DrillResult? result = null;
        try
        {
            await context.Pause(isQuick ? 1 : 3);
            await fault.Run(context);

            var repaired = deployment.Clock.Elapsed.TotalSeconds;
            var working = MeasureRecovery(deployment, repaired, ct);
            await context.Pause(isQuick ? 0.5 : 2);
            await loadEnds.CancelAsync();
            await load.WaitAsync(LoadEndsWithin, ct);
            await administrator.FinishErasures(ct);
            var recovery = await WaitUntilIdle(deployment, repaired, await working, ct);
            var changed = repetition is null ? [] : await repetition.RepeatAll(deployment, ct);
            await supervisorEnds.CancelAsync();
            await supervisor;

            var collected = await new Collector(deployment).Collect(fault.Traits, context.Observed, changed, recovery, cleanMemory, ct);
            var evidence = collected with { TimeFactor = isQuick ? 3 : 1 };
            result = new DrillResult(fault, seed, Rules.Check(evidence), evidence, context.Notes);
            return result;
        }
        finally
        {
            await loadEnds.CancelAsync();
            await supervisorEnds.CancelAsync();
            await Task.WhenAll(load.WaitAsync(LoadEndsWithin, CancellationToken.None), supervisor)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            uploaders.ForEach(uploader => uploader.Dispose());
            if (result?.HasPassed != true && logFolder is not null)
            {
                await SaveLogs(deployment, Path.Combine(logFolder, $"{fault.Name}-{seed}"), result);
            }
        }
    }

    private static async Task SaveLogs(Deployment deployment, string folder, DrillResult? result)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "broken-rules"), result?.Violations.Select(violation => violation.ToString()) ?? []);
        foreach (var host in deployment.Hosts)
        {
            await File.WriteAllLinesAsync(Path.Combine(folder, $"host-{host.Index}.log"), host.Log);
        }
    }

    /// <summary>Restarts hosts that ended by themselves, as a supervisor does, and samples the memory.</summary>
    private static async Task Supervise(Deployment deployment, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            foreach (var host in deployment.Hosts)
            {
                host.SampleMemory();
                if (host.RestartIfEnded())
                {
                    _ = host.WaitUntilReady(ct).ContinueWith(_ => { }, TaskScheduler.Default);
                }
            }

            await Task.Delay(200, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until all hosts are ready and a new upload is processed.</summary>
    /// <returns>The seconds from the repair; null if the limit was exceeded.</returns>
    private static async Task<double?> MeasureRecovery(Deployment deployment, double repaired, CancellationToken ct)
    {
        using var probe = new Probe(deployment, "probe");
        if (await probe.MeasureProcessing(deployment.Hosts, RecoveryLimitSeconds, ct) is null)
        {
            return null;
        }

        foreach (var host in deployment.Hosts)
        {
            while (!await host.IsReady(ct))
            {
                if (deployment.Clock.Elapsed.TotalSeconds - repaired > RecoveryLimitSeconds)
                {
                    return null;
                }

                await Task.Delay(50, ct);
            }
        }

        return deployment.Clock.Elapsed.TotalSeconds - repaired;
    }

    /// <summary>Waits until no work is pending: outboxes, queued ECGs, erasures, parked messages, queues.</summary>
    /// <returns>The seconds from the repair; null if the limit was exceeded, or if the service did not recover.</returns>
    private static async Task<double?> WaitUntilIdle(Deployment deployment, double repaired, double? working, CancellationToken ct)
    {
        while (await deployment.CountPendingWork(ct) + await deployment.CountQueuedMessages(ct) > 0)
        {
            if (deployment.Clock.Elapsed.TotalSeconds - repaired > RecoveryLimitSeconds)
            {
                return null;
            }

            await Task.Delay(50, ct);
        }

        return working is null ? null : deployment.Clock.Elapsed.TotalSeconds - repaired;
    }
}
