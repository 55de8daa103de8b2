using System.Text.Json;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Application.Processing;

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
        Assert.Equal(2, JsonDocument.Parse(insights.Document).RootElement.GetProperty("leads")[0].GetProperty("zeroCrossings")
            .GetProperty("total").GetInt32());
        var processed = Assert.IsType<EcgProcessed>(store.Saved[1]);
        Assert.Equal([new EcgProcessedLead("I", 3, ZeroCrossings: 2)], processed.Leads!);
        Assert.Equal(
            new EcgProcessed(
                store.Ecg.Id, "owner", store.Ecg.Date, OneEcg.Now, AnalysisEngine.Version, null, $"/api/v1/ecgs/{store.Ecg.Id}/insights"),
            processed with { Leads = null });
    }

    [Fact]
    public async Task Event_has_no_summary_if_it_is_disabled()
    {
        var store = new OneEcg();
        await Process(store, new EventsOptions { Summary = false });
        Assert.Null(store.Saved.OfType<EcgProcessed>().Single().Leads);
    }

    [Fact]
    public async Task Lead_without_computed_zero_crossings_has_none_in_the_event()
    {
        var store = new OneEcg();
        await Process(store, engine: new AnalysisEngine(InsightCatalog.Default with { LeadInsights = [] }));
        Assert.Equal([new EcgProcessedLead("I", 3, ZeroCrossings: null)], store.Saved.OfType<EcgProcessed>().Single().Leads!);
    }

    [Fact]
    public async Task An_ecg_that_has_insights_of_this_engine_is_not_analysed_again() =>
        await NothingHappens(new OneEcg { QueriesBeforeInsights = 0 }, reads: 0);

    [Fact]
    public async Task Ecg_that_another_delivery_has_analysed_meanwhile_is_not_changed() =>
        await NothingHappens(new OneEcg { QueriesBeforeInsights = 1 }, reads: 1);

    [Fact]
    public async Task Ecg_that_was_deleted_meanwhile_is_ignored() => await NothingHappens(new OneEcg { IsGoneWhenLocked = true }, reads: 1);

    [Theory, InlineData(0), InlineData(3)]
    public async Task Overrun_before_the_last_attempt_fails_and_stores_nothing(int attempts)
    {
        var store = Attempted(attempts);
        await Assert.ThrowsAsync<AnalysisOverrunException>(() => Process(store, engine: Overrun()));
        Assert.Equal((0, EcgStatus.Queued), (store.Saves, store.Ecg.Status));
    }

    [Fact]
    public async Task An_overrun_in_the_last_attempt_is_stored_as_an_incomplete_set()
    {
        var store = Attempted(4);
        await Process(store, engine: Overrun());

        Assert.Equal((1, EcgStatus.Processed), (store.Saves, store.Ecg.Status));
        var insights = Assert.IsType<InsightSet>(store.Saved[0]);
        Assert.True(insights.IsIncomplete);
        var missing = JsonDocument.Parse(insights.Document).RootElement.GetProperty("notComputed")[0];
        Assert.Equal("slow", missing.GetProperty("insight").GetString());
        Assert.Equal("It took longer than 0 s.", missing.GetProperty("reason").GetString());
        Assert.Single(store.Saved.OfType<EcgProcessed>());
    }

    [Fact]
    public async Task Attempt_that_is_already_counted_is_not_treated_as_the_last_one()
    {
        var store = Attempted(4);
        await Assert.ThrowsAsync<AnalysisOverrunException>(
            () => Handler(store, engine: Overrun()).Handle(store.Ecg.Id, isAttemptCounted: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_complete_analysis_replaces_an_incomplete_set_and_is_published()
    {
        var store = new OneEcg { Stored = StoredInsights.Incomplete };
        await Process(store);

        Assert.Equal((1, 1, EcgStatus.Processed), (store.Removals, store.Saves, store.Ecg.Status));
        Assert.False(store.Saved.OfType<InsightSet>().Single().IsIncomplete);
        Assert.Single(store.Saved.OfType<EcgProcessed>());
    }

    [Fact]
    public async Task An_incomplete_set_stays_when_the_last_attempt_overruns_again()
    {
        var store = Attempted(4);
        store.Stored = StoredInsights.Incomplete;
        await Process(store, engine: Overrun());

        Assert.Equal((0, 1, EcgStatus.Processed), (store.Removals, store.Saves, store.Ecg.Status));
        Assert.IsType<EcgProcessed>(Assert.Single(store.Saved));
    }

    [Fact]
    public async Task Incomplete_set_of_a_processed_ecg_is_not_computed_again()
    {
        var store = new OneEcg { Stored = StoredInsights.Incomplete };
        store.Ecg.MarkProcessed(OneEcg.Now);
        await Process(store);
        Assert.Equal((0, 0), (store.Saves, store.Reads));
    }

    [Fact]
    public async Task Unknown_ecg_is_ignored()
    {
        var store = new OneEcg();
        await Handler(store).Handle(Guid.NewGuid(), TestContext.Current.CancellationToken);
        Assert.Equal(0, store.Saves);
    }

    private static OneEcg Attempted(int times)
    {
        var store = new OneEcg();
        for (var attempt = 0; attempt < times; attempt++)
        {
            store.Ecg.FailAttempt("reason", isHopeless: false, [TimeSpan.Zero], OneEcg.Now);
        }

        return store;
    }

    /// <summary>Creates an engine whose time budget is always exceeded.</summary>
    private static AnalysisEngine Overrun() =>
        new(InsightCatalog.Default with { LeadInsights = [new Slow()] },
            new TimeBudget(TimeSpan.Zero, TimeSpan.Zero, new FakeTimeProvider()));

    private sealed class Slow : ILeadInsight<string>
    {
        public string Name => "slow";

        public IReadOnlyList<string> Definitions => [];

        public string Example => Name;

        public string Compute(LeadSignal lead, CancellationToken ct = default)
        {
            ct.ThrowIfCancellationRequested();
            return Name;
        }
    }

    private static async Task NothingHappens(OneEcg store, int reads)
    {
        await Process(store);
        Assert.Equal((0, EcgStatus.Queued, reads), (store.Saves, store.Ecg.Status, store.Reads));
    }

    private static Task Process(OneEcg store, EventsOptions? options = null, AnalysisEngine? engine = null) =>
        Handler(store, options, engine).Handle(store.Ecg.Id, TestContext.Current.CancellationToken);

    private static ProcessEcgHandler Handler(OneEcg store, EventsOptions? options = null, AnalysisEngine? engine = null) =>
        new(store, store, engine ?? new AnalysisEngine(), new AnalysisSlots(), store, options ?? new EventsOptions(), OneEcg.Metrics,
            new FakeTimeProvider(OneEcg.Now));
}
