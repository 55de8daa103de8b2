using System.Text.Json;
using Idoven.Ecgs.Analysis;

namespace Idoven.Cli.Tests;

public sealed class InsightTableTests
{
    [Fact]
    public void A_row_a_lead_and_what_is_missing()
    {
        var recording = new RecordingInfo(SamplingFrequency: 500, AdcZero: 1024);
        var engine = new AnalysisEngine();
        LeadInsights[] leads =
        [
            engine.Analyze(new LeadSignal("MLII", new[] { 1023, 1024, 1025, 1024, 1030, -70 }, recording)),
            new LeadInsights("V5", 3, new Dictionary<string, object> { ["beats"] = new { } }, [new NotComputed("statistics", "V5", "no reason at all"), new NotComputed("rhythm", null, "too short")]),
        ];
        var output = new StringWriter { NewLine = "\n" };
        using var document = JsonDocument.Parse(new InsightDocument(recording, leads).ToJson());
        InsightTable.Write(output, document.RootElement);
        Assert.Equal(
            $"""
            Zero crossings of the signal as sent and about its baseline; sample values as sent
            lead  samples  as sent  baseline      about it  rising  falling  touches  min    max   mean     SD
            MLII        6        1  adcZero 1024         2       1        1        1  -70  1,030  842.7  447.1
            V5          3        -  -                    -       -        -        -    -      -      -      -
            Also in the document (--json): beats

            not computed: statistics of V5: no reason at all
            not computed: rhythm: too short
            engine {AnalysisEngine.Version}, definitions {string.Join(", ", AnalysisEngine.Definitions)}
            {InsightDocument.Disclaimer}

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }
}
