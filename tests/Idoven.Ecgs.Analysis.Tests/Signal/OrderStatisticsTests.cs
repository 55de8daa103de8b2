using FsCheck;
using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Signal;

[Properties(Arbitrary = [typeof(Signals)], MaxTest = 200)]
public sealed class OrderStatisticsTests
{
    [Property]
    public void Order_statistics_equal_the_ranks_of_the_sorted_samples(TestSignal signal)
    {
        if (signal.Samples.Length > 0)
        {
            Check(signal.Samples);
        }
    }

    [Property(MaxTest = 20)]
    public void Order_statistics_are_exact_at_the_range_of_the_histogram_and_beyond(int middle, NonEmptyArray<NonNegativeInt> spread)
    {
        var within = spread.Get.Select(value => middle + value.Get).Append(middle);
        Check([.. within, middle + OrderStatistics.HistogramRange - 1]);
        Check([.. within, middle + OrderStatistics.HistogramRange]);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(99), InlineData(100), InlineData(101), InlineData(200), InlineData(12_345)]
    public void A_rank_is_rounded_up(int samples)
    {
        var ramp = Enumerable.Range(1, samples).Select(sample => (samples * 7919 % 10_007) + sample).ToArray();
        new Random(samples).Shuffle(ramp);
        Check(ramp);
    }

    [Fact]
    public void A_signal_without_samples_throws() => Assert.Throws<ArgumentException>(() => OrderStatistics.Compute([]));

    private static void Check(int[] samples)
    {
        var sorted = samples.Order().ToArray();
        var expected = new OrderStatistics(sorted[0], Ranked(0.01m), Ranked(0.5m), Ranked(0.99m), sorted[^1]);
        Assert.Equal(expected, OrderStatistics.Compute(samples));

        int Ranked(decimal part) => sorted[(int)Math.Ceiling(part * sorted.Length) - 1];
    }
}
