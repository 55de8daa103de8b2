using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

/// <summary>Tests on both sides of each limit in docs/insights.md.</summary>
public sealed class HrvInsightTests
{
    [Theory]
    [InlineData(1000, true)]
    [InlineData(999, false)]
    public void Hrv_is_computed_from_60_s_of_normal_intervals(double intervalMs, bool isComputed) =>
        Assert.Equal(isComputed, IsComputed(Enumerable.Repeat(intervalMs, 60)));

    /// <summary>Every fifth interval is 40 % longer than the others and therefore rejected.</summary>
    [Theory]
    [InlineData(100, 20.0)]
    [InlineData(101, 100 * 20 / 101.0)]
    [InlineData(99, null)]
    public void Hrv_is_computed_if_at_most_20_percent_of_the_intervals_are_rejected(int intervals, double? rejectedPercent)
    {
        var rrIntervalsMs = Enumerable.Range(0, intervals).Select(i => i < 100 && i % 5 == 2 ? 1400.0 : 1000);

        if (rejectedPercent is { } expected)
        {
            Assert.Equal(expected, Compute(rrIntervalsMs).RejectedPercent, 9);
        }
        else
        {
            Assert.Equal(
                "20 % of the RR intervals are no normal-to-normal intervals.",
                Assert.Throws<InsightNotComputedException>(() => Compute(rrIntervalsMs)).Message);
        }
    }

    private static bool IsComputed(IEnumerable<double> rrIntervalsMs)
    {
        try
        {
            Compute(rrIntervalsMs);
            return true;
        }
        catch (InsightNotComputedException)
        {
            return false;
        }
    }

    private static HrvSummary Compute(IEnumerable<double> rrIntervalsMs) =>
        (HrvSummary)new HrvInsight().Compute(KnownBeats.Recording(rrIntervalsMs), TestContext.Current.CancellationToken);
}
