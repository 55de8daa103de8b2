using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Bench;

/// <summary>Provides samples of real or synthetic recordings.</summary>
internal static class Source
{
    private static readonly string[] Records =
        ["100", "101", "104", "106", "108", "109", "112", "115", "116", "118", "119", "203", "207", "208"];

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

    /// <summary>Returns the leads of a record; null if the record is missing.</summary>
    public static int[][]? MitBih(string record) => EcgData.Missing is null
        ? [.. Wfdb.Read(EcgData.PathOf("mitdb", record + ".hea")).Leads.Select(lead => lead.Samples)]
        : null;

    /// <summary>Returns every record, or a synthetic one if the records are missing.</summary>
    public static IReadOnlyList<int[][]> AllOfMitBih() => EcgData.Missing is null
        ? [.. Records.Select(record => MitBih(record)!)]
        : [Synthetic(1800, 360)];

    public static IReadOnlyList<string> MitBihRecords => Records;
}
