using System.Buffers;
using System.Text.Json.Nodes;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Analysis.Tests.Engine;

public sealed class AnalysisEngineTests(ITestOutputHelper output)
{
    private static readonly LeadSignal Lead = new("V1", new[] { -1, 1, -1 }, new RecordingInfo());

    [Fact]
    public void Only_the_insight_that_throws_is_not_computed()
    {
        var engine = Engine([
            new ZeroCrossingsInsight(),
            new Failing("broken", new DivideByZeroException("secret detail")),
            new Failing("meaningless", new InsightNotComputedException("the lead is flat")),
            new SampleStatisticsInsight(),
        ]);

        var result = engine.Analyze(Lead);

        Assert.Equal(["zeroCrossings", "statistics"], result.Values.Keys);
        Assert.Equal(2, result.Get<ZeroCrossings>()!.Total);
        Assert.Equal(
            [new NotComputed("broken", "V1", "error: DivideByZeroException"), new NotComputed("meaningless", "V1", "the lead is flat")],
            result.NotComputed);
    }

    [Fact]
    public void A_lead_of_one_sample_has_every_insight_except_quality()
    {
        var result = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 0 }, new RecordingInfo(500)));
        Assert.Equal(["zeroCrossings", "statistics", "beats"], result.Values.Keys);
        Assert.Equal([new NotComputed("quality", "I", "The lead is shorter than 5 s.")], result.NotComputed);
    }

    [Fact]
    public void Cancellation_throws_instead_of_marking_insights_as_not_computed()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new AnalysisEngine().Analyze(Lead, cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => new AnalysisEngine().Conclude(new RecordingInfo(), [], cancelled.Token));
    }

    [Fact]
    public void Cancellation_during_an_insight_throws()
    {
        using var source = new CancellationTokenSource();
        var engine = Engine([new Acting("cancelled meanwhile", source.Cancel)]);
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Analyze(Lead, source.Token));
    }

    [Fact]
    public void An_insight_that_cancels_itself_is_not_computed()
    {
        var result = Engine([new Failing("stopped", new OperationCanceledException())]).Analyze(Lead);
        Assert.Equal([new NotComputed("stopped", "V1", "error: OperationCanceledException")], result.NotComputed);
    }

    [Fact]
    public void Only_the_insight_that_exceeds_its_time_budget_is_not_computed()
    {
        var clock = new FakeTimeProvider();
        var budget = new TimeBudget(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), clock);
        var engine = Engine(
            [
                new Acting("slow", () => clock.Advance(TimeSpan.FromSeconds(3.5))),
                new Acting("in time", () => clock.Advance(TimeSpan.FromSeconds(3.4))),
                new ZeroCrossingsInsight(),
            ],
            budget);

        // The budget of three samples is 2 s and three times 0.5 s.
        var result = engine.Analyze(Lead);

        Assert.Equal(["in time", "zeroCrossings"], result.Values.Keys);
        Assert.Equal([new NotComputed("slow", "V1", "It took longer than 3.5 s.")], result.NotComputed);
        Assert.True(result.HasOverrun);
    }

    [Fact]
    public void A_starved_insight_completes_within_its_processor_time()
    {
        // In an hour of wall clock the thread has 3.4 s of processor time, less than the budget of 3.5 s.
        var clock = new FakeTimeProvider();
        var used = TimeSpan.FromSeconds(100);
        var engine = Engine([new Acting("starved", () =>
            {
                used += TimeSpan.FromSeconds(3.4);
                clock.Advance(TimeSpan.FromHours(1));
            })], Budget(clock, () => used));

        var result = engine.Analyze(Lead);

        Assert.Empty(result.NotComputed);
        Assert.False(result.HasOverrun);
        Assert.Equal(["starved"], result.Values.Keys);
    }

    [Fact]
    public void A_starved_insight_ends_when_its_processor_time_is_used_up()
    {
        // The thread has a tenth of the processor time.
        var clock = new FakeTimeProvider();
        var used = TimeSpan.FromSeconds(100);
        var checkedAfter = TimeSpan.Zero;
        var started = clock.GetUtcNow();
        var engine = Engine(
            [
                new Polling("slow", () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(0.1));
                    used += TimeSpan.FromSeconds(0.01);
                    checkedAfter = clock.GetUtcNow() - started;
                }),
                new ZeroCrossingsInsight(),
            ],
            Budget(clock, () => used));

        var result = engine.Analyze(Lead);

        Assert.Equal([new NotComputed("slow", "V1", "It took longer than 3.5 s.")], result.NotComputed);
        Assert.True(result.HasOverrun);
        Assert.InRange(checkedAfter, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(35.5));
        Assert.Equal(["zeroCrossings"], result.Values.Keys);
    }

    [Fact]
    public void The_wall_clock_decides_if_the_processor_time_cannot_be_read()
    {
        var clock = new FakeTimeProvider();
        var engine = Engine([new Acting("slow", () => clock.Advance(TimeSpan.FromSeconds(3.5)))], Budget(clock, () => null));
        Assert.Equal([new NotComputed("slow", "V1", "It took longer than 3.5 s.")], engine.Analyze(Lead).NotComputed);
    }

    [Fact]
    public void On_Linux_another_thread_can_read_the_processor_time_of_the_computing_thread()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Null(TimeBudget.Default.ThreadTime);
            return;
        }

        var read = TimeBudget.Default.ThreadTime!();
        var start = read()!.Value;
        var ofOther = TimeSpan.Zero;
        var other = new Thread(() => ofOther = read()!.Value);
        other.Start();
        other.Join();
        var spun = 0L;
        while (read()!.Value - start < TimeSpan.FromMilliseconds(50))
        {
            spun++;
        }

        Assert.InRange(ofOther - start, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
        Assert.NotEqual(0, spun);

        // The time while the thread sleeps is not included.
        start = read()!.Value;
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        Assert.InRange(read()!.Value - start, TimeSpan.Zero, TimeSpan.FromMilliseconds(90));
    }

    [Fact]
    public void The_document_reports_an_overrun_of_a_lead_or_of_the_recording()
    {
        var recording = new RecordingInfo();
        var inTime = new AnalysisEngine().Analyze(Lead);
        var late = new AnalysisEngine(budget: new TimeBudget(TimeSpan.Zero, TimeSpan.Zero, new FakeTimeProvider())).Analyze(Lead);

        Assert.False(new AnalysisEngine().Conclude(recording, [inTime]).HasOverrun);
        Assert.True(new AnalysisEngine().Conclude(recording, [inTime, late with { Name = "V2" }]).HasOverrun);
        Assert.Equal(new AnalysisEngine().Analyze(Lead).NotComputed, inTime.NotComputed);
    }

    [Fact]
    public void Beat_detection_ends_when_its_time_budget_is_used_up()
    {
        // Each read of the samples advances the clock by a second; the budget is 60 s.
        var clock = new FakeTimeProvider();
        using var samples = new WatchedSamples(Long(hours: 1, samplingFrequency: 250), () => clock.Advance(TimeSpan.FromSeconds(1)));
        var budget = new TimeBudget(TimeSpan.FromSeconds(60), TimeSpan.Zero, clock);

        var engine = Engine([new LeadBeatsInsight(), new QualityInsight()], budget);
        var result = engine.Analyze(new LeadSignal("I", samples.Memory, new RecordingInfo(250)));

        Assert.Equal(
            [new NotComputed("beats", "I", "It took longer than 60 s."), new NotComputed("quality", "I", "What it needs took too long.")],
            result.NotComputed);
        Assert.InRange(samples.Reads, 60, 1000);

        using var unhurried = new WatchedSamples(samples.Samples, () => { });
        QrsDetector.Detect(unhurried.Memory, 250);
        Assert.InRange(unhurried.Reads, 2 * samples.Reads, int.MaxValue);
    }

    [Fact]
    public void Without_time_no_recording_insight_is_computed_and_the_document_has_the_reasons()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 30 });
        var recording = new RecordingInfo(ecg.SamplingFrequency);
        var signals = ecg.Leads.Take(2).Select(lead => new LeadSignal(lead.Name, lead.Samples, recording));
        var leads = signals.Select(signal => new AnalysisEngine().Analyze(signal)).ToList();

        var late = new AnalysisEngine(budget: new TimeBudget(TimeSpan.Zero, TimeSpan.Zero, new FakeTimeProvider()));
        var document = late.Conclude(recording, leads);

        var missing = JsonNode.Parse(document.ToJson())!["notComputed"]!.AsArray();
        Assert.Equal(
            ["beats: It took longer than 0 s.", "rhythm: What it needs took too long.", "ectopy: What it needs took too long.",
                "possibleAtrialFibrillation: What it needs took too long.", "hrv: What it needs took too long."],
            missing.Select(one => $"{one!["insight"]}: {one["reason"]}"));
        Assert.True(document.HasOverrun);
    }

    [Fact]
    public void The_time_budget_grows_with_the_samples()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(2010), TimeBudget.Default.For(5000));
        Assert.Equal(TimeSpan.FromSeconds(202), TimeBudget.Default.For(100_000_000));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void A_long_lead_allocates_at_most_10_MB_and_half_a_MB_per_hour(int hours)
    {
        // Memory for one stretch, whatever the number of stretches, and for the result of each beat.
        var samples = Long(hours, samplingFrequency: 180);
        var engine = new AnalysisEngine();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = engine.Analyze(new LeadSignal("I", samples, new RecordingInfo(180)));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Empty(result.NotComputed);
        output.WriteLine($"{hours} h: {allocated / 1e6:F1} MB for {result.Get<BeatSummary>()!.Count:N0} beats");
        Assert.InRange(allocated, 0, 10_000_000 + (500_000 * hours));
    }

    /// <summary>Repeats ten minutes of a synthetic ECG.</summary>
    private static int[] Long(int hours, double samplingFrequency)
    {
        var options = new SyntheticEcgOptions { DurationSeconds = 600, SamplingFrequency = samplingFrequency, NoiseUv = 30 };
        return [.. Enumerable.Repeat(SyntheticEcg.Generate(options).Leads[0].Samples, 6 * hours).SelectMany(samples => samples)];
    }

    /// <summary>Creates an engine with other lead insights.</summary>
    private static AnalysisEngine Engine(IReadOnlyList<ILeadInsight> insights, TimeBudget? budget = null) =>
        new(InsightCatalog.Default with { LeadInsights = insights }, budget);

    private sealed class Failing(string name, Exception exception) : ILeadInsight<string>
    {
        public string Name => name;

        public IReadOnlyList<string> Definitions => [];

        public string Example => name;

        public string Compute(LeadSignal lead, CancellationToken ct = default) => throw exception;
    }

    /// <summary>Creates a budget of 2 s and 0.5 s per sample of processor time.</summary>
    private static TimeBudget Budget(FakeTimeProvider clock, Func<TimeSpan?> used) =>
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), clock, () => used);

    /// <summary>Repeats an action until it is cancelled.</summary>
    private sealed class Polling(string name, Action act) : ILeadInsight<string>
    {
        public string Name => name;

        public IReadOnlyList<string> Definitions => [];

        public string Example => name;

        public string Compute(LeadSignal lead, CancellationToken ct = default)
        {
            while (true)
            {
                act();
                ct.ThrowIfCancellationRequested();
            }
        }
    }

    private sealed class Acting(string name, Action act) : ILeadInsight<string>
    {
        public string Name => name;

        public IReadOnlyList<string> Definitions => [];

        public string Example => name;

        public string Compute(LeadSignal lead, CancellationToken ct = default)
        {
            act();
            ct.ThrowIfCancellationRequested();
            return name;
        }
    }

    /// <summary>Samples that report each read.</summary>
    private sealed class WatchedSamples(int[] samples, Action onRead) : MemoryManager<int>
    {
        public int[] Samples => samples;

        public int Reads { get; private set; }

        public override Span<int> GetSpan()
        {
            Reads++;
            onRead();
            return samples;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
