using System.Text.Json;
using System.Text.Json.Serialization;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Api;

namespace Idoven.Ecgs.Tests.Api;

/// <summary>The form in the OpenAPI document against what the engine writes.</summary>
public sealed class InsightsResponseTests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [Fact]
    public void Every_insight_of_a_long_recording_has_its_place()
    {
        var recording = new RecordingInfo(SamplingFrequency: 250, AdcZero: 0);
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 120, SamplingFrequency = 250, VentricularEctopics = 6 });
        var engine = new AnalysisEngine();
        var leads = ecg.Leads.Take(2).Select(lead => engine.Analyze(new LeadSignal(lead.Name, lead.Samples.ToArray(), recording))).ToList();

        var read = JsonSerializer.Deserialize<InsightsResponse>(AnalysisEngine.Conclude(recording, leads).ToJson(), Strict)!;

        Assert.Empty(read.NotComputed);
        Assert.All(read.Leads, lead => Assert.True(lead is { ZeroCrossings: not null, Statistics: not null, Beats: not null, Quality: not null }));
        Assert.True(read.Global is { Beats: not null, Rhythm: not null, Ectopy: not null, PossibleAtrialFibrillation: not null, Hrv: not null });
    }

    [Fact]
    public void Every_insight_of_the_engine_is_in_the_form()
    {
        Assert.Equal(AnalysisEngine.Insights.Select(insight => insight.Name), Members<LeadInsightsResponse>().Except(["name", "samples"]));
        Assert.Equal(AnalysisEngine.RecordingInsights.Select(insight => insight.Name), Members<GlobalInsightsResponse>());
    }

    private static IEnumerable<string> Members<T>() => typeof(T).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
}
