using Idoven.Drills.Checking;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Represents a fault: its name, the number of hosts, what it does, and which effects are allowed.</summary>
/// <param name="Name">The name, as passed to <c>./idoven drill</c>.</param>
/// <param name="What">One sentence for the list.</param>
/// <param name="Hosts">The number of hosts.</param>
/// <param name="Run">Injects the fault, holds it and repairs it, while the load runs.</param>
internal sealed record Fault(string Name, string What, int Hosts, Func<FaultContext, Task> Run)
{
    public FaultTraits Traits { get; init; } = new();

    /// <summary>Gets additional settings of the hosts.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Returns why this machine cannot run the fault; null if it can.</summary>
    public Func<string?> CannotRun { get; init; } = () => null;

    /// <summary>Runs before the database is created and the hosts start. Returns a tablespace for the database, or null.</summary>
    public Func<Deployment, CancellationToken, Task<string?>>? Prepare { get; init; }

    /// <summary>Gets whether every message between modules is delivered a second time after the load.</summary>
    public bool RepeatsDeliveries { get; init; }

    /// <summary>Gets whether the fault breaks the servers that all drills share, so that no other drill may run at the same time.</summary>
    public bool BreaksServers { get; init; }
}

/// <summary>Provides a fault with the deployment, the load and the time limits.</summary>
internal sealed class FaultContext(Deployment deployment, Administrator administrator, Random random, bool isQuick, CancellationToken ct)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public Deployment Deployment { get; } = deployment;

    public Servers Servers => Deployment.Servers;

    public DrillDatabase Database => Deployment.Database;

    public IReadOnlyList<DrillHost> Hosts => Deployment.Hosts;

    /// <summary>Gets the only host, or the first.</summary>
    public DrillHost Host => Deployment.Hosts[0];

    public Administrator Administrator { get; } = administrator;

    public Random Random { get; } = random;

    public bool IsQuick { get; } = isQuick;

    public CancellationToken Ct { get; } = ct;

    /// <summary>Gets the violations that the fault itself detected.</summary>
    public List<Violation> Observed { get; } = [];

    /// <summary>Gets the measurements of the fault for the report.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Keeps the fault for the given number of seconds, or for a third of them in quick mode.</summary>
    public Task Hold(double seconds) => Task.Delay(TimeSpan.FromSeconds(IsQuick ? seconds / 3 : seconds), Ct);

    public Task Pause(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Ct);

    /// <summary>Waits until a condition holds.</summary>
    /// <returns>The seconds until it held; null if it did not hold within the limit.</returns>
    public async Task<double?> WaitUntil(Func<Task<bool>> holds, double withinSeconds)
    {
        var since = Deployment.Clock.Elapsed;
        while (!await holds())
        {
            if ((Deployment.Clock.Elapsed - since).TotalSeconds > withinSeconds)
            {
                return null;
            }

            await Task.Delay(Poll, Ct);
        }

        return (Deployment.Clock.Elapsed - since).TotalSeconds;
    }

    /// <summary>Uploads to one host as a separate client and waits for the result.</summary>
    /// <returns>The seconds until the ECG was processed; null if the limit was exceeded.</returns>
    public async Task<double?> MeasureProcessing(DrillHost host, double withinSeconds)
    {
        using var probe = new Probe(Deployment, $"takeover-{Random.Next(1_000_000)}");
        return await probe.MeasureProcessing([host], withinSeconds, Ct);
    }
}
