using System.Text;
using System.Text.Json.Nodes;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Engine;

public sealed class InsightDocumentTests
{
    [Fact]
    public void The_document_has_the_documented_form()
    {
        var recording = new RecordingInfo(SamplingFrequency: 100, AdcZero: 10);
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 9, 11, 10, 12 }, recording));
        var missing = new LeadInsights(
            "II", 1, new Dictionary<string, object>(), [new NotComputed("statistics", "II", "the lead is flat")]);

        AssertJson(
            """
            {
              "engineVersion": "VERSION",
              "definitions": [
                "zc-strict-1", "stat-1", "beats-1", "scale-1", "quality-1", "classes-1", "rhythm-2", "ectopy-1", "af-rr-1",
                "nn-rr30-1", "hrv-tf96-1"
              ],
              "recording": { "samplingFrequency": 100, "adcZero": 10 },
              "leads": [
                {
                  "name": "I",
                  "samples": 4,
                  "zeroCrossings": {
                    "total": 0, "rising": 0, "falling": 0, "touches": 0, "zeroSamples": 0, "ratePerSecond": 0,
                    "aboutBaseline": {
                      "offset": 10, "offsetSource": "adcZero",
                      "total": 1, "rising": 1, "falling": 0, "touches": 1, "zeroSamples": 1, "ratePerSecond": 25
                    }
                  },
                  "statistics": {
                    "minimum": 9, "maximum": 12, "peakToPeak": 3, "mean": 10.5, "median": 10, "p1": 9, "p99": 12,
                    "standardDeviation": 1.2909944487358056, "rms": 10.559356040971437
                  },
                  "beats": { "count": 0, "detector": "qrs-path-1" }
                },
                { "name": "II", "samples": 1 }
              ],
              "global": { "beats": { "count": 0, "detector": "qrs-path-fused-1" } },
              "notComputed": [
                { "insight": "quality", "lead": "I", "reason": "The lead is shorter than 5 s." },
                { "insight": "statistics", "lead": "II", "reason": "the lead is flat" },
                { "insight": "rhythm", "reason": "There are fewer than 3 beats in a row." },
                { "insight": "ectopy", "reason": "There are fewer than three beats." },
                { "insight": "possibleAtrialFibrillation", "reason": "There are too few intervals between normal beats." },
                { "insight": "hrv", "reason": "There is less than a minute of normal-to-normal intervals." }
              ],
              "disclaimer": "Measurements with stated definitions. Not a medical device, not for diagnosis."
            }
            """,
            new AnalysisEngine().Conclude(recording, [lead, missing]).ToJson());
    }

    [Fact]
    public void Unknown_properties_are_absent_and_the_baseline_is_the_median()
    {
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 5 }, new RecordingInfo()));
        var document = JsonNode.Parse(new InsightDocument(new RecordingInfo(), [lead]).ToJson())!;
        Assert.Empty(document["recording"]!.AsObject());
        Assert.Equal("median", (string?)document["leads"]![0]!["zeroCrossings"]!["aboutBaseline"]!["offsetSource"]);
        Assert.False(document["leads"]![0]!["zeroCrossings"]!.AsObject().ContainsKey("ratePerSecond"));
    }

    [Theory]
    [InlineData("of zeros")]
    [InlineData("of one value")]
    [InlineData("of two values in turn")]
    [InlineData("that jumps once")]
    [InlineData("that climbs")]
    [InlineData("with one beat")]
    [InlineData("that is off most of the time")]
    [InlineData("from end to end of int32")]
    public void Every_insight_of_a_lead_that_is_not_an_ecg_can_be_written_as_json(string kind)
    {
        var beats = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 60, SamplingFrequency = 250 }).Leads[1].Samples;
        foreach (var (samplingFrequency, length) in new[] { (250.0, 15_000), (250, 1_400), (500, 5_000), (0, 15_000) })
        {
            int[] samples = [.. Enumerable.Range(0, length).Select(i => kind switch
            {
                "of zeros" => 0,
                "of one value" => -2048,
                "of two values in turn" => i % 2,
                "that jumps once" => i < length / 2 ? 0 : 1000,
                "that climbs" => i * 100_000,
                "with one beat" => i == length / 2 ? 500 : 0,
                "that is off most of the time" => i < 600 ? beats[i] : 0,
                _ => i % 250 == 0 ? int.MaxValue : int.MinValue,
            })];
            var recording = samplingFrequency == 0 ? new RecordingInfo() : new RecordingInfo(samplingFrequency);
            int[][] signals = [samples, beats[..Math.Min(length, beats.Length)]];
            var leads = signals.Select((signal, i) => new AnalysisEngine().Analyze(new LeadSignal($"{i}", signal, recording))).ToList();

            var document = JsonNode.Parse(new AnalysisEngine().Conclude(recording, leads).ToJson())!;

            var reasons = document["notComputed"]!.AsArray().Select(missing => (string)missing!["reason"]!);
            Assert.DoesNotContain(reasons, reason => reason.StartsWith("error", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_insight_with_NaN_is_not_computed_and_does_not_affect_others()
    {
        var values = new Dictionary<string, object> { ["broken"] = new { Score = double.NaN }, ["good"] = new { Score = 1 } };
        var lead = new LeadInsights("I", 1, values, [new NotComputed("hrv", "I", "too short")]);

        var document = JsonNode.Parse(new InsightDocument(new RecordingInfo(), [lead], values).ToJson())!;

        Assert.Equal("""{"name":"I","samples":1,"good":{"score":1}}""", document["leads"]![0]!.ToJsonString());
        Assert.Equal("""{"good":{"score":1}}""", document["global"]!.ToJsonString());
        Assert.Equal(
            [
                """{"insight":"hrv","lead":"I","reason":"too short"}""",
                """{"insight":"broken","lead":"I","reason":"error: NotANumber"}""",
                """{"insight":"broken","reason":"error: NotANumber"}""",
            ],
            document["notComputed"]!.AsArray().Select(missing => missing!.ToJsonString()));
    }

    private static void AssertJson(string expected, byte[] actual) => Assert.Equal(
        JsonNode.Parse(expected.Replace("VERSION", AnalysisEngine.Version, StringComparison.Ordinal))!.ToJsonString(),
        JsonNode.Parse(Encoding.UTF8.GetString(actual))!.ToJsonString());
}
