using System.Text.Json.Nodes;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

public sealed class RecordingInsightTests
{
    private static JsonNode Document(SyntheticEcg ecg, RecordingInfo recording)
    {
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(3).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, recording))).ToList();
        var document = engine.Conclude(recording, leads);
        Assert.False(document.HasOverrun, "an insight exceeded its time budget");
        return JsonNode.Parse(document.ToJson())!;
    }

    [Fact]
    public void Beats_rate_and_variability_equal_those_of_the_synthetic_ecg()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 120, HeartRate = 72, NoiseUv = 10 });
        var document = Document(ecg, new RecordingInfo(ecg.SamplingFrequency));
        var times = ecg.Beats.Select(beat => beat.TimeSeconds * 1000).ToArray();
        var intervals = times.Zip(times.Skip(1), (from, to) => to - from).ToArray();

        var counts = document["leads"]!.AsArray().Select(lead => (int)lead!["beats"]!["count"]!);
        Assert.Equal([ecg.Beats.Count, ecg.Beats.Count, ecg.Beats.Count], counts);
        var global = document["global"]!;
        Assert.Equal(ecg.Beats.Count, (int)global["beats"]!["count"]!);
        Assert.Equal(60_000 / intervals.Average(), (double)global["rhythm"]!["heartRate"]!["meanBpm"]!, 0.1);
        Assert.Equal(intervals.Average(), (double)global["hrv"]!["time"]!["meanNnMs"]!, 1.0);
        Assert.Empty(global["rhythm"]!["flags"]!.AsArray());
        Assert.Empty(document["notComputed"]!.AsArray());
    }

    [Theory]
    [InlineData(40, "possibleBradycardia")]
    [InlineData(130, "possibleTachycardia")]
    public void Slow_and_fast_rhythms_are_flagged(double rate, string flag)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 30, HeartRate = rate, RrVariability = 0.01 });
        var rhythm = Document(ecg, new RecordingInfo(ecg.SamplingFrequency))["global"]!["rhythm"]!;
        Assert.Equal([flag], rhythm["flags"]!.AsArray().Select(node => (string?)node));
        Assert.Equal(rate, (double)rhythm["heartRate"]!["medianBpm"]!, rate / 20);
    }

    [Fact]
    public void A_range_with_all_leads_off_is_a_gap_instead_of_a_pause()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 60, LeadsOff = [new LeadOff(null, 20, 30)] });
        var rhythm = Document(ecg, new RecordingInfo(ecg.SamplingFrequency))["global"]!["rhythm"]!;
        Assert.Equal(0, (int)rhythm["pauses"]!["count"]!);
        Assert.InRange((double)rhythm["heartRate"]!["minimum10sBpm"]!, 60, 80);
    }

    [Fact]
    public void Without_a_sampling_frequency_beats_are_counted_and_no_result_is_in_seconds()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 120, HeartRate = 72, NoiseUv = 10 });
        var document = Document(ecg, new RecordingInfo());
        var samples = ecg.Beats.Select(beat => beat.TimeSeconds * ecg.SamplingFrequency).ToArray();
        var intervals = samples.Zip(samples.Skip(1), (from, to) => to - from).ToArray();

        var beats = document["global"]!["beats"]!;
        Assert.Equal(ecg.Beats.Count, (int)beats["count"]!);
        Assert.Null(beats["rr"]);
        Assert.Equal(intervals.Length, (int)beats["rrSamples"]!["count"]!);
        Assert.Equal(intervals.Average(), (double)beats["rrSamples"]!["mean"]!, 0.5);
        Assert.Equal(intervals.Max(), (double)beats["rrSamples"]!["maximum"]!, 2.0);
        Assert.InRange((double)beats["rrSamples"]!["irregularity"]!, 0, 0.1);
        Assert.Equal(ecg.Beats.Count, (int)document["global"]!["ectopy"]!["normal"]!);
        Assert.All(document["leads"]!.AsArray(), lead => Assert.Equal(ecg.Beats.Count, (int)lead!["beats"]!["count"]!));
        Assert.Equal(
            ["quality", "quality", "quality", "rhythm", "possibleAtrialFibrillation", "hrv"],
            document["notComputed"]!.AsArray().Select(missing => (string?)missing!["insight"]));
        var reasons = document["notComputed"]!.AsArray().Select(missing => (string?)missing!["reason"]);
        Assert.All(reasons, reason => Assert.Equal("The sampling frequency is not known.", reason));
        Assert.DoesNotMatch("(Ms|S|Bpm|Hz|PerSecond)\":", document.ToJsonString());
    }

    [Fact]
    public void Without_a_sampling_frequency_ectopic_beats_are_counted_without_times()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 60, VentricularEctopics = 7, NoiseUv = 10 });
        var with = Document(ecg, new RecordingInfo(ecg.SamplingFrequency))["global"]!["ectopy"]!["ventricular"]!;
        var without = Document(ecg, new RecordingInfo())["global"]!["ectopy"]!["ventricular"]!;
        Assert.Equal((int)with["count"]!, (int)without["count"]!);
        Assert.Equal((double)with["burdenPercent"]!, (double)without["burdenPercent"]!, 1e-9);
        Assert.Empty(without["runs"]!.AsArray());
    }

    [Fact]
    public void Without_a_sampling_frequency_and_beats_the_document_has_the_reason()
    {
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new int[2000], new RecordingInfo()));
        const string Reason = "The sampling frequency is not known, and there are no beats to be seen without it.";
        Assert.Contains(new NotComputed("beats", "I", Reason), lead.NotComputed);
    }

    [Fact]
    public void Ten_seconds_are_too_short_for_variability_and_for_fibrillation()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions());
        var missing = Document(ecg, new RecordingInfo(ecg.SamplingFrequency))["notComputed"]!.AsArray();
        Assert.Equal(["possibleAtrialFibrillation", "hrv"], missing.Select(one => (string?)one!["insight"]));
        Assert.All(missing, one => Assert.Null(one!["lead"]));
    }

    [Fact]
    public void A_sampling_frequency_below_100_Hz_is_the_reason_in_the_document()
    {
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new int[200], new RecordingInfo(50)));
        Assert.Equal(["beats", "quality"], lead.NotComputed.Select(missing => missing.Insight));
        Assert.All(lead.NotComputed, missing => Assert.Equal("The sampling frequency is below 100 Hz.", missing.Reason));
    }
}
