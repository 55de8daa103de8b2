using System.Collections.Concurrent;
using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

/// <summary>The results of detection on the recordings. Each lead is analysed once for all tests.</summary>
internal static class Detections
{
    private static readonly ConcurrentDictionary<(string Record, int Lead), Lazy<LeadAnalysis>> Known = new();

    public static LeadAnalysis MitBih(string record, int lead) => Known.GetOrAdd((record, lead), _ => new Lazy<LeadAnalysis>(() =>
    {
        var recording = EcgRecordings.MitBihRecord(record);
        return LeadAnalyzer.Analyze(recording.Leads[lead].Samples, recording.SamplingFrequency);
    })).Value;

    public static IReadOnlyList<Beat> Fused(string record) => FusedQrsDetector.Detect(
        [MitBih(record, 0).Detection, MitBih(record, 1).Detection], EcgRecordings.MitBihRecord(record).SamplingFrequency);

    public static BeatComparison Compare(
        Recording recording, IReadOnlyList<Beat> beats, double windowMs = BeatComparer.WindowMs, double startS = 0) =>
        BeatComparer.Compare(
            recording.ReferenceBeats, [.. beats.Select(beat => beat.Sample)], recording.SamplingFrequency, windowMs, startS,
            [.. recording.Flutter, .. recording.Masked]);

    public static BeatComparison Compare(string record, IReadOnlyList<Beat> beats, double windowMs = BeatComparer.WindowMs) =>
        Compare(EcgRecordings.MitBihRecord(record), beats, windowMs);

    /// <summary>Returns the gross result over all development records of MIT-BIH.</summary>
    public static BeatComparison Gross(Func<string, IReadOnlyList<Beat>> beats, double windowMs = BeatComparer.WindowMs) =>
        BeatComparison.Sum(EcgRecordings.MitBih.Select(record => Compare(record, beats(record), windowMs)));
}
