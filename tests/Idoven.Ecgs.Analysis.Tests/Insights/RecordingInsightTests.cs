using System.Text.Json.Nodes;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

public sealed class RecordingInsightTests
{
    private static JsonNode Document(SyntheticEcg ecg, RecordingInfo recording)
    {
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(3).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, recording))).ToList();
        return JsonNode.Parse(AnalysisEngine.Conclude(recording, leads).ToJson())!;
    }

    [Fact]
    public void Beats_rate_and_variability_are_those_of_the_ecg()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 120, HeartRate = 72, NoiseUv = 10 });
        var document = Document(ecg, new RecordingInfo(ecg.SamplingFrequency));
        var times = ecg.Beats.Select(beat => beat.TimeSeconds * 1000).ToArray();
        var intervals = times.Zip(times.Skip(1), (from, to) => to - from).ToArray();

        Assert.Equal([ecg.Beats.Count, ecg.Beats.Count, ecg.Beats.Count], document["leads"]!.AsArray().Select(lead => (int)lead!["beats"]!["count"]!));
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
    public void A_lead_that_is_off_everywhere_is_a_gap_and_no_pause()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 60, LeadsOff = [new LeadOff(null, 20, 30)] });
        var rhythm = Document(ecg, new RecordingInfo(ecg.SamplingFrequency))["global"]!["rhythm"]!;
        Assert.Equal(0, (int)rhythm["pauses"]!["count"]!);
        Assert.InRange((double)rhythm["heartRate"]!["minimum10sBpm"]!, 60, 80);
    }

    [Fact]
    public void Without_a_sampling_frequency_nothing_of_beats_is_computed_and_the_document_says_why()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions());
        var document = Document(ecg, new RecordingInfo());
        Assert.Empty(document["global"]!.AsObject());
        Assert.Equal(
            ["beats", "quality", "beats", "quality", "beats", "quality", "beats", "rhythm", "ectopy", "possibleAtrialFibrillation", "hrv"],
            document["notComputed"]!.AsArray().Select(missing => (string?)missing!["insight"]));
        Assert.All(document["notComputed"]!.AsArray(), missing => Assert.Equal("The sampling frequency is not known.", (string?)missing!["reason"]));
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
    public void A_rate_below_what_a_beat_needs_is_said()
    {
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new int[200], new RecordingInfo(50)));
        Assert.Equal(["beats", "quality"], lead.NotComputed.Select(missing => missing.Insight));
        Assert.All(lead.NotComputed, missing => Assert.Equal("The sampling frequency is below 100 Hz.", missing.Reason));
    }
}
