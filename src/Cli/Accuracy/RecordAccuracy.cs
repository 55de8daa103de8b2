using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Cli.Accuracy;

/// <summary>How the engine does on one record, by EC57.</summary>
/// <param name="Name">The record's.</param>
/// <param name="IsPaced">Whether it has paced beats: its ectopic beats are not scored.</param>
/// <param name="First">The first signal.</param>
/// <param name="Second">The second; null where there is none.</param>
/// <param name="Fused">All signals together.</param>
/// <param name="Intervals">Heart rate and variability of the fused beats against the reference's.</param>
internal sealed record RecordAccuracy(string Name, bool IsPaced, SignalAccuracy First, SignalAccuracy? Second, SignalAccuracy Fused, IntervalErrors? Intervals)
{
    public const double LearningS = 300;
    public const double TightMs = 25;

    /// <exception cref="BadFileException">A file is not as its format has it.</exception>
    public static RecordAccuracy Of(string headerPath, string annotationPath, TimeProvider clock)
    {
        var recording = WfdbRecord.Read(headerPath, clock);
        var reference = WfdbAnnotations.Read(annotationPath);
        var info = new RecordingInfo(recording.SamplingFrequency);
        var leads = recording.Leads.Select(lead => LeadAnalyzer.Analyze(lead.Samples, recording.SamplingFrequency!.Value)).ToList();
        var fused = new RecordingBeats(info, [.. leads]);
        SignalAccuracy Score(RecordingBeats beats) => SignalAccuracy.Of(reference, beats, recording.SamplingFrequency!.Value);
        return new RecordAccuracy(
            recording.Name, reference.IsPaced, Score(new RecordingBeats(info, [leads[0]])), leads.Count > 1 ? Score(new RecordingBeats(info, [leads[1]])) : null, Score(fused),
            IntervalErrors.Of(reference, fused, recording.SamplingFrequency!.Value));
    }
}
