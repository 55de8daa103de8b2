using System.Numerics;
using System.Runtime.InteropServices;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Bench;

/// <summary>
/// Represents a recording whose leads are created one after the other, as the service reads them: one is in memory at a time.
/// </summary>
/// <param name="Name">The name in the output.</param>
/// <param name="Leads">The number of leads.</param>
/// <param name="Length">The number of samples of a lead.</param>
/// <param name="SamplingFrequency">The sampling frequency in Hz.</param>
/// <param name="Fill">Writes the samples of a lead.</param>
internal sealed record Workload(string Name, int Leads, int Length, double SamplingFrequency, Action<int, int[]> Fill)
{
    private static readonly AnalysisEngine Engine = new();

    /// <summary>Creates twelve synthetic leads of ten seconds.</summary>
    public static Workload TenSeconds()
    {
        var ecg = Source.Synthetic(10, 500);
        return new Workload("10 s x 12 leads x 500 Hz", 12, 5000, 500, (lead, into) => ecg[lead].CopyTo(into, 0));
    }

    /// <summary>Reads record 100 of MIT-BIH, or creates synthetic leads of the same length if it is missing.</summary>
    public static Workload HalfHour()
    {
        var leads = Source.MitBih("100") ?? Source.Synthetic(1800, 360);
        return new Workload("30 min x 2 leads x 360 Hz", 2, leads[0].Length, 360, (lead, into) => leads[lead].CopyTo(into, 0));
    }

    /// <summary>Repeats the development records of MIT-BIH until a day is full; the third lead is the first minus the second.</summary>
    public static Workload Day()
    {
        const int Samples = 24 * 3600 * 360;
        var records = Source.AllOfMitBih();
        void Fill(int lead, int[] into)
        {
            for (int at = 0, k = 0; at < into.Length; k++)
            {
                var (first, second) = (records[k % records.Count][0], records[k % records.Count][1]);
                var count = Math.Min(first.Length, into.Length - at);
                for (var i = 0; i < count; i++)
                {
                    into[at + i] = lead switch { 0 => first[i], 1 => second[i], _ => first[i] - second[i] };
                }

                at += count;
            }
        }

        return new Workload("24 h x 3 leads x 360 Hz", 3, Samples, 360, Fill);
    }

    public RecordingInfo Recording => new(SamplingFrequency);

    /// <summary>Computes all insights of one lead.</summary>
    public LeadInsights Analyze(int lead, int[] samples) => Engine.Analyze(new LeadSignal($"lead {lead}", samples, Recording));

    /// <summary>Computes all insights of all leads together, and the document.</summary>
    public byte[] Conclude(IReadOnlyList<LeadInsights> leads) => Engine.Conclude(Recording, leads).ToJson();

    /// <summary>Reads every sample once and does nothing else: the ceiling for the speed.</summary>
    public static int Pass(ReadOnlySpan<int> samples)
    {
        var sum = Vector<int>.Zero;
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(samples);
        foreach (var vector in vectors)
        {
            sum ^= vector;
        }

        var all = 0;
        for (var k = 0; k < Vector<int>.Count; k++)
        {
            all ^= sum[k];
        }

        foreach (var sample in samples[(vectors.Length * Vector<int>.Count)..])
        {
            all ^= sample;
        }

        return all;
    }
}
