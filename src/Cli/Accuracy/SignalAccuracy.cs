using Idoven.Cli.Recordings.Wfdb;
using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Cli.Accuracy;

/// <summary>Represents the accuracy of the engine on one signal, or on all signals of a record.</summary>
/// <param name="Whole">All beats, matched within 150 ms.</param>
/// <param name="FromFiveMinutes">The same without the learning period of EC57, which is the first five minutes.</param>
/// <param name="Tight">All beats, matched within 25 ms.</param>
/// <param name="Ventricular">Ventricular ectopic beats.</param>
/// <param name="Supraventricular">Supraventricular ectopic beats.</param>
/// <param name="Frequency">Samples per second.</param>
internal sealed record SignalAccuracy(
    BeatComparison Whole,
    BeatComparison FromFiveMinutes,
    BeatComparison Tight,
    ClassComparison Ventricular,
    ClassComparison Supraventricular,
    double Frequency)
{
    public static SignalAccuracy Compare(WfdbAnnotations reference, RecordingBeats beats, double frequency)
    {
        var positions = reference.Beats.Select(beat => beat.Sample).ToList();
        var found = beats.Beats!.Select(beat => beat.Sample).ToList();
        ClassComparison Class(BeatClass kind) => ClassComparer.Compare(
            [.. reference.Beats.Select(beat => (beat.Sample, beat.Class))],
            [.. found.Zip(beats.Classes!)],
            kind,
            frequency,
            reference.Flutter);
        return new SignalAccuracy(
            BeatComparer.Compare(positions, found, frequency, excluded: reference.Flutter),
            BeatComparer.Compare(positions, found, frequency, startS: RecordAccuracy.LearningS, excluded: reference.Flutter),
            BeatComparer.Compare(positions, found, frequency, RecordAccuracy.TightMs, excluded: reference.Flutter),
            Class(BeatClass.V), Class(BeatClass.S), frequency);
    }
}
