using Idoven.Drills.Checking;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>A fault by name: what it runs on, what it does, and what it may cause.</summary>
/// <param name="Name">As given to <c>./idoven drill</c>.</param>
/// <param name="What">One sentence for the list and for docs/drills.md.</param>
/// <param name="Hosts">How many hosts run side by side.</param>
/// <param name="Run">Breaks something, holds it and repairs it; the load runs meanwhile.</param>
internal sealed record Fault(string Name, string What, int Hosts, Func<FaultContext, Task> Run)
{
    public FaultTraits Traits { get; init; } = new();

    /// <summary>Configuration of the hosts beside the usual.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Why this machine cannot run it; null: it can.</summary>
    public Func<string?> CannotRun { get; init; } = () => null;

    /// <summary>Done before the database is created and the hosts start. Returns a tablespace for the database, or null.</summary>
    public Func<Deployment, CancellationToken, Task<string?>>? Prepare { get; init; }

    /// <summary>After the load, every message between modules is delivered a second time.</summary>
    public bool RepeatsDeliveries { get; init; }

    /// <summary>It breaks the servers that all drills share, so no other drill may run at the same time.</summary>
    public bool BreaksServers { get; init; }
}

/// <summary>What a fault works with.</summary>
internal sealed class FaultContext(Deployment deployment, Administrator administrator, Random random, bool isQuick, CancellationToken ct)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public Deployment Deployment { get; } = deployment;

    public Servers Servers => Deployment.Servers;

    public DrillDatabase Database => Deployment.Database;

    public IReadOnlyList<DrillHost> Hosts => Deployment.Hosts;

    /// <summary>The only host, or the first.</summary>
    public DrillHost Host => Deployment.Hosts[0];

    public Administrator Administrator { get; } = administrator;

    public Random Random { get; } = random;

    public bool IsQuick { get; } = isQuick;

    public CancellationToken Ct { get; } = ct;

    /// <summary>What the fault found wrong itself.</summary>
    public List<Violation> Observed { get; } = [];

    /// <summary>What the fault measured, for the report.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Keeps the fault as it is for so many seconds; a third of them in quick mode.</summary>
    public Task Hold(double seconds) => Task.Delay(TimeSpan.FromSeconds(IsQuick ? seconds / 3 : seconds), Ct);

    public Task Pause(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Ct);

    /// <summary>Waits until something holds.</summary>
    /// <returns>The seconds that it took; null if it did not hold in time.</returns>
    public async Task<double?> Until(Func<Task<bool>> holds, double withinSeconds)
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

    /// <summary>Uploads to one host as a client of its own and waits for the result.</summary>
    /// <returns>Seconds until it was processed; null if it was not in time.</returns>
    public async Task<double?> Processes(DrillHost host, double withinSeconds)
    {
        using var probe = new Probe(Deployment, $"takeover-{Random.Next(1_000_000)}");
        return await probe.Processes([host], withinSeconds, Ct);
    }
}
