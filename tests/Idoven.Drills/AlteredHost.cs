using System.Globalization;
using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Analysis.Insights;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Drills;

/// <summary>
/// The product's host with one more insight, which misbehaves on a lead whose first samples are a marker, and with a clock that can be set.
/// The product itself has no such switches.
/// </summary>
internal static class AlteredHost
{
    /// <summary>The first argument that makes the drill program be such a host.</summary>
    public const string Verb = "host";

    public static async Task Run(string[] settings)
    {
        await using var app = Host.Program.Build(settings, builder =>
        {
            builder.Services.AddSingleton(new AnalysisEngine([.. AnalysisEngine.Insights, new PoisonInsight()]));
            if (Environment.GetEnvironmentVariable(JumpingClock.FileVariable) is { } file)
            {
                builder.Services.AddSingleton<TimeProvider>(new JumpingClock(file));
            }
        });
        await app.RunAsync();
    }
}

/// <summary>
/// The time of day, moved by the seconds that a file says. Timers go on, as they do when an administrator corrects a clock. To the microsecond, as
/// the product's own clock.
/// </summary>
/// <param name="file">Is read at most once in 0.2 s.</param>
internal sealed class JumpingClock(string file) : TimeProvider
{
    /// <summary>The environment variable that names the file.</summary>
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

/// <summary>What a poisoned recording does to the analysis.</summary>
internal enum Poison
{
    /// <summary>An exception of no known kind.</summary>
    Throws = 1,

    /// <summary>A loop that uses the processor until its time is up.</summary>
    Spins = 2,

    /// <summary>Allocates until the runtime refuses.</summary>
    WantsMemory = 3,

    /// <summary>kill -9 of its own process.</summary>
    KillsHost = 4,
}

/// <summary>Recognises a marker in the first samples and does what it says.</summary>
internal sealed class PoisonInsight : ILeadInsight
{
    private static readonly int[] Marker = [7_700_001, -7_700_002, 7_700_003];

    public string Name => "poison";

    /// <summary>The first samples of a poisoned lead.</summary>
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
