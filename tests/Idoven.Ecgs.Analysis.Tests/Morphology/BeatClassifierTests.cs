using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Morphology;

/// <summary>
/// Sensitivity and positive predictivity of ectopic beats by EC57, without paced records and fusion beats. Every test prints its figures.
/// </summary>
public sealed class BeatClassifierTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyList<string> Records = [.. EcgRecordings.MitBih.Where(record => record != "104")];

    [Fact]
    public void Ventricular_beats_are_classified_on_the_first_signal()
    {
        var found = Gross("first", BeatClass.V, record => First(record, samples => samples));
        Assert.InRange(found.Sensitivity, 0.93, 1);
        Assert.InRange(found.PositivePredictivity, 0.97, 1);
    }

    [Fact]
    public void Ventricular_beats_are_classified_on_both_signals_together()
    {
        var found = Gross("fused", BeatClass.V, Fused);
        Assert.InRange(found.Sensitivity, 0.925, 1);
        Assert.InRange(found.PositivePredictivity, 0.98, 1);
    }

    [Fact]
    public void Supraventricular_beats_outside_of_runs_are_classified()
    {
        // Record 207 has 106 of them in runs of a fast rhythm, in which no beat is premature.
        var found = Gross("fused", BeatClass.S, Fused, Records.Where(record => record != "207"));
        Assert.InRange(found.Sensitivity, 0.78, 1);
        Assert.InRange(found.PositivePredictivity, 0.85, 1);
    }

    [Fact]
    public void Offset_polarity_and_a_gain_of_a_power_of_two_do_not_change_the_classes()
    {
        foreach (var record in new[] { "106", "118", "208" })
        {
            var expected = First(record, samples => samples).Classes;
            Assert.Equal(expected, First(record, samples => Array.ConvertAll(samples, sample => -sample - 30_000)).Classes);
            Assert.Equal(expected, First(record, samples => Array.ConvertAll(samples, sample => sample * 16)).Classes);
        }
    }

    [Fact]
    public void All_ectopic_beats_of_a_synthetic_ecg_are_counted()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = 120,
            VentricularEctopics = 8,
            SupraventricularEctopics = 5,
            NoiseUv = 10,
        });
        var recording = new RecordingInfo(ecg.SamplingFrequency);
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(3).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, recording)));
        var beats = new RecordingBeats(recording, [.. leads.Select(lead => lead.Measures)]);
        var ectopy = (Ectopy)new EctopyInsight().Compute(beats);

        Assert.Equal((8, 5, ecg.Beats.Count - 13), (ectopy.Ventricular.Count, ectopy.Supraventricular.Count, ectopy.Normal));
        Assert.Equal(100.0 * 8 / ecg.Beats.Count, ectopy.Ventricular.BurdenPercent, 1e-9);
    }

    private static (IReadOnlyList<Beat> Beats, BeatClass[] Classes) First(string record, Func<int[], int[]> change)
    {
        var lead = LeadAnalyzer.Analyze(change(EcgRecordings.MitBihRecord(record).Leads[0].Samples), 360);
        return (lead.Beats, BeatClassifier.Classify(new BeatsWithMorphology(lead.Beats, lead.Morphologies), 360, lead.Gaps));
    }

    private static (IReadOnlyList<Beat> Beats, BeatClass[] Classes) Fused(string record)
    {
        var beats = new RecordingBeats(new RecordingInfo(360), [Detections.MitBih(record, 0), Detections.MitBih(record, 1)]);
        return (beats.Beats!, [.. beats.Classes!]);
    }

    private ClassComparison Gross(
        string what, BeatClass kind, Func<string, (IReadOnlyList<Beat> Beats, BeatClass[] Classes)> find,
        IEnumerable<string>? records = null)
    {
        var comparisons = new List<ClassComparison>();
        foreach (var record in records ?? Records)
        {
            var (beats, classes) = find(record);
            var recording = EcgRecordings.MitBihRecord(record);
            comparisons.Add(ClassComparer.Compare(
                [.. recording.Annotations.Where(annotation => annotation.IsBeat).Select(beat => ((double)beat.Sample, beat.Class))],
                [.. beats.Zip(classes, (beat, name) => (beat.Sample, name))], kind, recording.SamplingFrequency, recording.Flutter));
            output.WriteLine($"{what} {record}: {comparisons[^1]}");
        }

        var gross = ClassComparison.Sum(comparisons);
        output.WriteLine($"{what}, gross: {gross}");
        return gross;
    }
}
