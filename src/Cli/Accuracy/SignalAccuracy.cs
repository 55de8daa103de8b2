using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli.Accuracy;

/// <summary>How the engine does on one signal, or on all of a record.</summary>
/// <param name="Whole">Beats from 0:00, within 150 ms.</param>
/// <param name="FromFiveMinutes">The same without EC57's learning period.</param>
/// <param name="Tight">From 0:00, within 25 ms.</param>
/// <param name="Ventricular">Ventricular ectopic beats.</param>
/// <param name="Supraventricular">Supraventricular ectopic beats.</param>
/// <param name="Frequency">Samples a second.</param>
internal sealed record SignalAccuracy(BeatComparison Whole, BeatComparison FromFiveMinutes, BeatComparison Tight, ClassComparison Ventricular, ClassComparison Supraventricular, double Frequency)
{
    public static SignalAccuracy Of(WfdbAnnotations reference, RecordingBeats beats, double frequency)
    {
        var positions = reference.Beats.Select(beat => beat.Sample).ToList();
        var found = beats.Beats!.Select(beat => beat.Sample).ToList();
        ClassComparison Class(BeatClass kind) => ClassComparer.Compare(
            [.. reference.Beats.Select(beat => (beat.Sample, beat.Class))], [.. found.Zip(beats.Classes!)], kind, frequency, reference.Flutter);
        return new SignalAccuracy(
            BeatComparer.Compare(positions, found, frequency, excluded: reference.Flutter),
            BeatComparer.Compare(positions, found, frequency, startS: RecordAccuracy.LearningS, excluded: reference.Flutter),
            BeatComparer.Compare(positions, found, frequency, RecordAccuracy.TightMs, excluded: reference.Flutter),
            Class(BeatClass.V), Class(BeatClass.S), frequency);
    }
}
