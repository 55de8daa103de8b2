using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Api.Insights;

namespace Idoven.Ecgs.Tests.Api.Insights;

/// <summary>Compares the schema in the OpenAPI document with the documents of the engine.</summary>
public sealed class InsightsResponseTests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(InsightsResponse.AddMembers(InsightCatalog.Default)),
    };

    [Fact]
    public void Response_schema_has_every_insight_of_a_long_recording()
    {
        var recording = new RecordingInfo(SamplingFrequency: 250, AdcZero: 0);
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = 120,
            SamplingFrequency = 250,
            VentricularEctopics = 6
        });
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(2).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples, recording))).ToList();

        var read = JsonSerializer.Deserialize<InsightsResponse>(engine.Conclude(recording, leads).ToJson(), Strict)!;

        Assert.Empty(read.NotComputed);
        Assert.All(read.Leads, lead => AssertHas(InsightCatalog.Default.LeadInsights, lead.Insights));
        AssertHas(InsightCatalog.Default.RecordingInsights, read.Global.Insights);
    }

    [Fact]
    public void Example_matches_the_schema_and_has_every_insight()
    {
        var example = JsonSerializer.Deserialize<InsightsResponse>(InsightsResponse.Example, Strict)!;

        Assert.Equal(AnalysisEngine.Version, example.EngineVersion);
        Assert.Equal(InsightCatalog.Default.Definitions, example.Definitions);
        AssertHas(InsightCatalog.Default.LeadInsights, example.Leads[0].Insights);
        AssertHas(InsightCatalog.Default.RecordingInsights, example.Global.Insights);
        Assert.Equal([new NotComputed("quality", "V5", "It took longer than 3.3 s.")], example.NotComputed);
    }

    private static void AssertHas(IEnumerable<IInsight> insights, Dictionary<string, object?> values)
    {
        Assert.Equal(insights.Select(insight => insight.Name), values.Keys);
        Assert.All(insights, insight => Assert.IsType(insight.ResultType, values[insight.Name]));
    }
}
