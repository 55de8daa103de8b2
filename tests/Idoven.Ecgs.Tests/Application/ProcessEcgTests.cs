using System.Text.Json;
using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Application;

public sealed class ProcessEcgTests
{
    [Fact]
    public async Task Insights_status_and_event_are_saved_together()
    {
        var store = new OneEcg();
        await Process(store);

        Assert.Equal(1, store.Saves);
        Assert.Equal((EcgStatus.Processed, OneEcg.Now), (store.Ecg.Status, store.Ecg.ProcessedAt));
        var insights = Assert.IsType<InsightSet>(store.Saved[0]);
        Assert.Equal((store.Ecg.Id, AnalysisEngine.Version, OneEcg.Now), (insights.EcgId, insights.EngineVersion, insights.CreatedAt));
        Assert.Equal(2, JsonDocument.Parse(insights.Document).RootElement.GetProperty("leads")[0].GetProperty("zeroCrossings").GetProperty("total").GetInt32());
        var processed = Assert.IsType<EcgProcessed>(store.Saved[1]);
        Assert.Equal([new EcgProcessedLead("I", 3, ZeroCrossings: 2)], processed.Leads!);
        Assert.Equal(
            new EcgProcessed(store.Ecg.Id, "owner", store.Ecg.Date, OneEcg.Now, AnalysisEngine.Version, null, $"/api/v1/ecgs/{store.Ecg.Id}/insights"),
            processed with { Leads = null });
    }

    [Fact]
    public async Task The_event_has_no_summary_where_the_configuration_says_so()
    {
        var store = new OneEcg();
        await Process(store, new EcgsOptions { EventSummary = false });
        Assert.Null(store.Saved.OfType<EcgProcessed>().Single().Leads);
    }

    [Fact]
    public async Task A_lead_whose_crossings_could_not_be_computed_has_none_in_the_event()
    {
        var store = new OneEcg();
        await Process(store, engine: new AnalysisEngine([]));
        Assert.Equal([new EcgProcessedLead("I", 3, ZeroCrossings: null)], store.Saved.OfType<EcgProcessed>().Single().Leads!);
    }

    [Fact]
    public async Task An_ecg_that_has_insights_of_this_engine_is_not_analysed_again() => await NothingHappens(new OneEcg { AsksBeforeInsights = 0 }, reads: 0);

    [Fact]
    public async Task An_ecg_that_another_delivery_has_analysed_meanwhile_is_left_alone() => await NothingHappens(new OneEcg { AsksBeforeInsights = 1 }, reads: 1);

    [Fact]
    public async Task An_ecg_deleted_meanwhile_is_left_alone() => await NothingHappens(new OneEcg { IsGoneWhenLocked = true }, reads: 1);

    [Fact]
    public async Task An_ecg_that_never_was_is_left_alone()
    {
        var store = new OneEcg();
        await Handler(store).Handle(Guid.NewGuid(), TestContext.Current.CancellationToken);
        Assert.Equal(0, store.Saves);
    }

    private static async Task NothingHappens(OneEcg store, int reads)
    {
        await Process(store);
        Assert.Equal((0, EcgStatus.Queued, reads), (store.Saves, store.Ecg.Status, store.Reads));
    }

    private static Task Process(OneEcg store, EcgsOptions? options = null, AnalysisEngine? engine = null) =>
        Handler(store, options, engine).Handle(store.Ecg.Id, TestContext.Current.CancellationToken);

    private static ProcessEcgHandler Handler(OneEcg store, EcgsOptions? options = null, AnalysisEngine? engine = null) =>
        new(store, store, engine ?? new AnalysisEngine(), store, options ?? new EcgsOptions(), new FakeTimeProvider(OneEcg.Now));
}
