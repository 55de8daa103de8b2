using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

public sealed class RhythmInsightPauseTests
{
    [Fact]
    public void The_20_longest_pauses_are_listed_in_the_order_of_time()
    {
        double[] pausesMs = [.. Enumerable.Range(0, 23).Select(i => 2000.0 + (i * 7 % 23))];

        var pauses = Compute(pausesMs.SelectMany(pauseMs => new[] { 1000, pauseMs, 1000 })).Pauses;

        Assert.Equal(23, pauses.Count);
        Assert.Equal(pausesMs.Where(pauseMs => pauseMs >= 2003), pauses.Longest.Select(pause => pause.Ms));
    }

    [Fact]
    public void A_rhythm_needs_two_intervals()
    {
        Assert.Equal(60, Compute([1000, 1000]).HeartRate.MeanBpm, 9);
        Assert.Throws<InsightNotComputedException>(() => Compute([1000]));
    }

    private static RhythmSummary Compute(IEnumerable<double> rrIntervalsMs) =>
        (RhythmSummary)new RhythmInsight().Compute(KnownBeats.Recording(rrIntervalsMs), TestContext.Current.CancellationToken);
}
