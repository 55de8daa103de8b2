using System.Globalization;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Drills;

/// <summary>
/// The product's host with one more insight, which misbehaves on a lead whose first samples are a marker, and with a clock that can be set.
/// The product itself has neither.
/// </summary>
internal static class AlteredHost
{
    /// <summary>The verb of the drill program that runs this host.</summary>
    public const string Verb = "host";

    public static async Task Run(string[] settings)
    {
        await using var app = Host.Program.Build(settings, builder =>
        {
            var catalog = InsightCatalog.Default;
            catalog = catalog with { LeadInsights = [.. catalog.LeadInsights, new PoisonInsight()] };
            builder.Services.AddSingleton(new AnalysisEngine(catalog));
            if (Environment.GetEnvironmentVariable(JumpingClock.FileVariable) is { } file)
            {
                builder.Services.AddSingleton<TimeProvider>(new JumpingClock(file));
            }
        });
        await app.RunAsync();
    }
}

/// <summary>
/// Represents a clock whose time of day is offset by the number of seconds in a file. Timers are not affected, as when an administrator
/// corrects a clock. The resolution is a microsecond, as that of the product's own clock.
/// </summary>
/// <param name="file">The file with the offset in seconds. It is read at most once in 0.2 s.</param>
internal sealed class JumpingClock(string file) : TimeProvider
{
    /// <summary>The environment variable with the path of the file.</summary>
    public const string FileVariable = "IDOVEN_DRILL_CLOCK";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(0.2);
    private readonly Lock reading = new();
    private TimeSpan offset;
    private long? read;

    public override DateTimeOffset GetUtcNow()
    {
        lock (reading)
        {
            if (read is not { } last || GetElapsedTime(last) >= ReadEvery)
            {
                offset = TimeSpan.FromSeconds(double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
                read = GetTimestamp();
            }

            var now = base.GetUtcNow() + offset;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        }
    }
}

/// <summary>Specifies what a poisoned recording does to the analysis.</summary>
internal enum Poison
{
    /// <summary>Throws an exception of an unknown type.</summary>
    Throws = 1,

    /// <summary>Uses the processor in a loop until the time budget is used up.</summary>
    Spins = 2,

    /// <summary>Allocates memory until the runtime throws an exception.</summary>
    WantsMemory = 3,

    /// <summary>Kills its own process with kill -9.</summary>
    KillsHost = 4,
}

/// <summary>Recognises a marker in the first samples and misbehaves as the marker specifies.</summary>
internal sealed class PoisonInsight : ILeadInsight<object>
{
    private static readonly int[] Marker = [7_700_001, -7_700_002, 7_700_003];

    public string Name => "poison";

    public IReadOnlyList<string> Definitions => [];

    public object Example => Name;

    /// <summary>Gets the first samples of a poisoned lead.</summary>
    public static IEnumerable<int> Samples(Poison poison) => [.. Marker, (int)poison];

    public object Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var samples = lead.Samples.Span;
        if (samples.Length <= Marker.Length || !samples[..Marker.Length].SequenceEqual(Marker))
        {
            throw new InsightNotComputedException("The lead is not poisoned.");
        }

        switch ((Poison)samples[Marker.Length])
        {
            case Poison.Throws:
                throw new InvalidOperationException("A drill made this insight fail.");
            case Poison.Spins:
                while (true)
                {
                    ct.ThrowIfCancellationRequested();
                    Thread.SpinWait(1000);
                }

            case Poison.WantsMemory:
                for (var kept = new List<byte[]>(); ; kept.Add(GC.AllocateArray<byte>(64 * 1024 * 1024)))
                {
                    ct.ThrowIfCancellationRequested();
                }

            default:
                Running.Processes.SendKill(Environment.ProcessId);
                throw new InvalidOperationException("The process was to be killed.");
        }
    }
}
