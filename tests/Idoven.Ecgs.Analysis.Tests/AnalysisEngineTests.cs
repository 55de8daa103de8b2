using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Tests;

public sealed class AnalysisEngineTests
{
    private static readonly LeadSignal Lead = new("V1", new[] { -1, 1, -1 }, new RecordingInfo());

    [Fact]
    public void An_insight_that_throws_marks_only_itself_as_not_computed()
    {
        var engine = new AnalysisEngine([
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
    public void The_shortest_lead_has_every_insight_but_its_quality()
    {
        var result = new AnalysisEngine().Analyze(new LeadSignal("I", new[] { 0 }, new RecordingInfo(500)));
        Assert.Equal(["zeroCrossings", "statistics", "beats"], result.Values.Keys);
        Assert.Equal([new NotComputed("quality", "I", "The lead is shorter than 5 s.")], result.NotComputed);
    }

    [Fact]
    public void Cancellation_ends_the_analysis_and_is_no_failed_insight()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new AnalysisEngine().Analyze(Lead, cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => new AnalysisEngine([new Failing("stopped", new OperationCanceledException())]).Analyze(Lead));
    }

    private sealed class Failing(string name, Exception exception) : ILeadInsight
    {
        public string Name => name;

        public object Compute(LeadSignal lead) => throw exception;
    }
}
