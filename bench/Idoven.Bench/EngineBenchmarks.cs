using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Idoven.Ecgs.Analysis.Engine;

namespace Idoven.Bench;

/// <summary>
/// Measures all insights of a recording, relative to one pass over its samples. A day is too long for this: see <see cref="Quick"/>.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class EngineBenchmarks
{
    private Workload tenSeconds = null!;
    private Workload halfHour = null!;
    private int[][] tenSecondsLeads = [];
    private int[][] halfHourLeads = [];

    [GlobalSetup]
    public void Make()
    {
        (tenSeconds, halfHour) = (Workload.TenSeconds(), Workload.HalfHour());
        (tenSecondsLeads, halfHourLeads) = (Leads(tenSeconds), Leads(halfHour));
    }

    [Benchmark(Baseline = true), BenchmarkCategory("10 s x 12 x 500 Hz")]
    public int TenSecondsPass() => Pass(tenSecondsLeads);

    [Benchmark, BenchmarkCategory("10 s x 12 x 500 Hz")]
    public byte[] TenSeconds() => All(tenSeconds, tenSecondsLeads);

    [Benchmark(Baseline = true), BenchmarkCategory("30 min x 2 x 360 Hz")]
    public int HalfHourPass() => Pass(halfHourLeads);

    [Benchmark, BenchmarkCategory("30 min x 2 x 360 Hz")]
    public byte[] HalfHour() => All(halfHour, halfHourLeads);

    private static int Pass(int[][] leads)
    {
        var all = 0;
        foreach (var lead in leads)
        {
            all ^= Workload.Pass(lead);
        }

        return all;
    }

    private static byte[] All(Workload workload, int[][] leads)
    {
        var insights = new List<LeadInsights>();
        for (var i = 0; i < leads.Length; i++)
        {
            insights.Add(workload.Analyze(i, leads[i]));
        }

        return workload.Conclude(insights);
    }

    private static int[][] Leads(Workload workload)
    {
        var leads = new int[workload.Leads][];
        for (var i = 0; i < leads.Length; i++)
        {
            workload.Fill(i, leads[i] = new int[workload.Length]);
        }

        return leads;
    }
}
