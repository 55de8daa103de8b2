using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Cli.Accuracy;

/// <summary>Represents the accuracy of the engine on one record, by EC57.</summary>
/// <param name="Name">The name of the record.</param>
/// <param name="IsPaced">Whether it has paced beats. Ectopic beats of such records are not scored.</param>
/// <param name="First">The accuracy on the first signal.</param>
/// <param name="Second">The accuracy on the second signal; null if there is none.</param>
/// <param name="Fused">The accuracy on all signals together.</param>
/// <param name="Intervals">The errors of heart rate and variability of the fused beats.</param>
internal sealed record RecordAccuracy(
    string Name,
    bool IsPaced,
    SignalAccuracy First,
    SignalAccuracy? Second,
    SignalAccuracy Fused,
    IntervalErrors? Intervals)
{
    public const double LearningS = 300;
    public const double TightMs = 25;

    /// <summary>Analyses a record and compares it with its annotations.</summary>
    /// <exception cref="BadFileException">A file is invalid.</exception>
    public static RecordAccuracy Measure(string headerPath, string annotationPath, TimeProvider clock)
    {
        var recording = WfdbRecord.Read(headerPath, clock);
        var reference = WfdbAnnotations.Read(annotationPath);
        var info = new RecordingInfo(recording.SamplingFrequency);
        var leads = recording.Leads.Select(lead => LeadAnalyzer.Analyze(lead.Samples, recording.SamplingFrequency!.Value)).ToList();
        var fused = new RecordingBeats(info, [.. leads]);
        SignalAccuracy Score(RecordingBeats beats) => SignalAccuracy.Compare(reference, beats, recording.SamplingFrequency!.Value);
        return new RecordAccuracy(
            recording.Name,
            reference.IsPaced,
            Score(new RecordingBeats(info, [leads[0]])),
            leads.Count > 1 ? Score(new RecordingBeats(info, [leads[1]])) : null,
            Score(fused),
            IntervalErrors.Compare(reference, fused, recording.SamplingFrequency!.Value));
    }
}
