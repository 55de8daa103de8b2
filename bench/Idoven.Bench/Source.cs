using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Bench;

/// <summary>Where samples come from.</summary>
internal static class Source
{
    private static readonly string[] Records = ["100", "101", "104", "106", "108", "109", "112", "115", "116", "118", "119", "203", "207", "208"];

    public static int[][] Synthetic(double seconds, double samplingFrequency)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = seconds,
            SamplingFrequency = samplingFrequency,
            NoiseUv = 15,
            BaselineWanderUv = 100,
            VentricularEctopics = (int)(seconds / 60),
        });
        return [.. ecg.Leads.Select(lead => lead.Samples)];
    }

    /// <summary>The leads of a record; null where it is missing.</summary>
    public static int[][]? MitBih(string record) => EcgData.Missing is null
        ? [.. Wfdb.Read(EcgData.PathOf("mitdb", record + ".hea")).Leads.Select(lead => lead.Samples)]
        : null;

    /// <summary>Every record; where they are missing, a synthetic one.</summary>
    public static IReadOnlyList<int[][]> AllOfMitBih() => EcgData.Missing is null ? [.. Records.Select(record => MitBih(record)!)] : [Synthetic(1800, 360)];

    public static IReadOnlyList<string> MitBihRecords => Records;
}
