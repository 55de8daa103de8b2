using System.Text;
using System.Text.Json.Nodes;

namespace Idoven.Ecgs.Analysis.Tests;

public sealed class InsightDocumentTests
{
    [Fact]
    public void The_document_reads_as_documented()
    {
        var recording = new RecordingInfo(SamplingFrequency: 100, AdcZero: 10);
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 9, 11, 10, 12 }, recording));
        var missing = new LeadInsights("II", 1, new Dictionary<string, object>(), [new NotComputed("statistics", "II", "the lead is flat")]);

        AssertJson(
            """
            {
              "engineVersion": "1.3.0",
              "definitions": [
                "zc-strict-1", "stat-1", "beats-1", "scale-1", "quality-1", "classes-1", "rhythm-2", "ectopy-1", "af-rr-1", "nn-rr30-1", "hrv-tf96-1"
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
            AnalysisEngine.Conclude(recording, [lead, missing]).ToJson());
    }

    [Fact]
    public void What_is_unknown_of_the_recording_is_absent_and_the_median_stands_for_the_baseline()
    {
        var lead = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 5 }, new RecordingInfo()));
        var document = JsonNode.Parse(new InsightDocument(new RecordingInfo(), [lead]).ToJson())!;
        Assert.Empty(document["recording"]!.AsObject());
        Assert.Equal("median", (string?)document["leads"]![0]!["zeroCrossings"]!["aboutBaseline"]!["offsetSource"]);
        Assert.False(document["leads"]![0]!["zeroCrossings"]!.AsObject().ContainsKey("ratePerSecond"));
    }

    private static void AssertJson(string expected, byte[] actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(Encoding.UTF8.GetString(actual))!.ToJsonString());
}
