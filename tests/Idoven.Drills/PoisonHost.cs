using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Analysis.Insights;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Drills;

/// <summary>
/// The product's host with one more insight, which misbehaves on a lead whose first samples are a marker. The product itself has no
/// such switch.
/// </summary>
internal static class PoisonHost
{
    /// <summary>The first argument that makes the drill program be such a host.</summary>
    public const string Verb = "host";

    public static async Task Run(string[] settings)
    {
        await using var app = Host.Program.Build(settings, builder =>
            builder.Services.AddSingleton(new AnalysisEngine([.. AnalysisEngine.Insights, new PoisonInsight()])));
        await app.RunAsync();
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
