using System.Text.Json;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Cli.Tests;

public sealed class InsightTableTests
{
    [Fact]
    public void The_table_has_a_row_for_each_lead_and_the_missing_insights_follow()
    {
        var recording = new RecordingInfo(SamplingFrequency: 500, AdcZero: 1024);
        var engine = new AnalysisEngine();
        LeadInsights[] leads =
        [
            engine.Analyze(new LeadSignal("MLII", new[] { 1023, 1024, 1025, 1024, 1030, -70 }, recording)),
            new LeadInsights(
                "V5", 3, new Dictionary<string, object> { ["other"] = new { } },
                [new NotComputed("statistics", "V5", "no reason at all"), new NotComputed("rhythm", null, "too short")]),
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
            Also in the document (--json): other


            not computed: quality of MLII: The lead is shorter than 5 s.
            not computed: statistics of V5: no reason at all
            not computed: rhythm: too short
            engine {AnalysisEngine.Version}, definitions {string.Join(", ", InsightCatalog.Default.Definitions)}
            {InsightDocument.Disclaimer}

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Fact]
    public void Beats_rhythm_and_quality_have_a_line_each()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = 120,
            VentricularEctopics = 3,
            SupraventricularEctopics = 1,
            NoiseUv = 10,
        });
        var recording = new RecordingInfo(ecg.SamplingFrequency);
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(2).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, recording))).ToList();
        var output = new StringWriter { NewLine = "\n" };
        using var document = JsonDocument.Parse(engine.Conclude(recording, leads).ToJson());
        InsightTable.Write(output, document.RootElement);

        // The lines between the table and the rest, each between empty lines.
        var lines = output.ToString().Split("\n\n")[1].Split('\n');
        Assert.Equal(
            ["beats", "heart", "ectopic", "fibrillation", "variability", "flags", "quality", "quality"],
            lines.Select(line => line.Split(' ')[0]));
        Assert.StartsWith($"beats         {ecg.Beats.Count} of all leads together; I ", lines[0], StringComparison.Ordinal);
        Assert.Contains("ventricular 3 (", lines[2], StringComparison.Ordinal);
        Assert.Contains("supraventricular 1 (", lines[2], StringComparison.Ordinal);
        Assert.Equal("quality       I: good (1.00), 100 % usable", lines[^2]);
    }
}
