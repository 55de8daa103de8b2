using System.Diagnostics;
using Idoven.Ecgs.Analysis.Engine;

namespace Idoven.Bench;

/// <summary>
/// Measures with a stopwatch: a few repetitions, of which the fastest is reported, because other load on the machine only adds to a
/// time. It also reports the processor time, which excludes waiting for a core.
/// </summary>
internal static class Quick
{
    /// <param name="which"><c>a</c>, <c>b</c>, <c>c</c>; all if none is given.</param>
    public static void Run(string[] which)
    {
        (string Letter, Func<Workload> Create, int Repetitions)[] workloads =
            [("a", Workload.TenSeconds, 300), ("b", Workload.HalfHour, 20), ("c", Workload.Day, 3)];
        Console.WriteLine(
            "workload                      pass ms   wall ms    cpu ms   ratio  allocated MB: a lead, in all  peak MB a lead");
        foreach (var (letter, create, repetitions) in workloads)
        {
            if (which.Length == 0 || which.Contains(letter))
            {
                Measure(create(), repetitions);
            }
        }
    }

    private static void Measure(Workload workload, int repetitions)
    {
        var samples = new int[workload.Length];
        var (pass, wall, cpu, allocated, ofLead, peak) = (double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue, 0.0, 0.0);
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var (passNow, wallNow, cpuNow, allocatedNow) = (0.0, 0.0, 0.0, 0.0);
            var leads = new List<LeadInsights>();
            void Time(Action work)
            {
                var (clock, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                var bytes = GC.GetAllocatedBytesForCurrentThread();
                work();
                wallNow += Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
                cpuNow += (Environment.CpuUsage.TotalTime - used).TotalMilliseconds;
                allocatedNow += (GC.GetAllocatedBytesForCurrentThread() - bytes) / 1e6;
            }

            for (var lead = 0; lead < workload.Leads; lead++)
            {
                workload.Fill(lead, samples);
                var clock = Stopwatch.GetTimestamp();
                Workload.Pass(samples);
                passNow += Stopwatch.GetElapsedTime(clock).TotalMilliseconds;

                // Only the first repetition measures the memory, because that measurement takes time.
                using var heap = repetition == 0 && workload.Length > 1_000_000 ? new PeakHeap() : null;
                var before = allocatedNow;
                Time(() => leads.Add(workload.Analyze(lead, samples)));
                ofLead = Math.Max(ofLead, allocatedNow - before);
                peak = Math.Max(peak, heap?.Megabytes ?? 0);
            }

            Time(() => workload.Conclude(leads));
            (pass, wall) = (Math.Min(pass, passNow), Math.Min(wall, wallNow));
            (cpu, allocated) = (Math.Min(cpu, cpuNow), Math.Min(allocated, allocatedNow));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{workload.Name,-27}{pass,10:F2}{wall,10:F2}{cpu,10:F2}{wall / pass,8:F1}{ofLead,21:F1}{allocated,8:F1}{peak,16:F1}"));
    }
}
