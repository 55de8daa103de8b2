using System.Numerics;
using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

[Properties(Arbitrary = [typeof(Signals)], MaxTest = 500)]
public sealed class SampleStatisticsTests
{
    [Property]
    public void Mean_deviation_and_rms_equal_those_of_decimal_arithmetic(TestSignal signal)
    {
        if (signal.Samples is { Length: > 0 } samples)
        {
            Check(samples);
        }
    }

    [Fact]
    public void A_small_variation_on_a_large_offset_is_not_lost()
    {
        var statistics = Compute([int.MaxValue, int.MaxValue - 1, int.MaxValue, int.MaxValue - 1]);
        Assert.Equal(int.MaxValue - 0.5, statistics.Mean);
        Assert.Equal(Math.Sqrt(1.0 / 3), statistics.StandardDeviation);
    }

    [Fact]
    public void Squares_are_summed_beyond_64_bits()
    {
        // The sum of the squares exceeds 64 bits from 3 * 2^62 on; that of 100,001 samples is much larger.
        var statistics = Compute([.. Enumerable.Repeat(int.MinValue, 100_001)]);
        Assert.Equal(int.MinValue, statistics.Mean);
        Assert.Equal(Math.Pow(2, 31), statistics.Rms);
        Assert.Equal(0, statistics.StandardDeviation);
        Check([.. Enumerable.Range(0, 10_001).Select(i => i % 2 == 0 ? int.MinValue : int.MaxValue)]);
    }

    [Theory, InlineData(46_340), InlineData(46_341)]
    public void Squares_at_the_limit_of_int_are_summed_exactly(int size) =>
        Check([.. Enumerable.Range(0, 1003).Select(i => i % 3 == 0 ? -size : i % 3 == 1 ? size : i)]);

    [Fact]
    public void A_single_sample_has_no_standard_deviation()
    {
        var statistics = Compute([-5]);
        Assert.Equal(new SampleStatistics(-5, -5, 0, -5, -5, -5, -5, StandardDeviation: null, 5), statistics);
    }

    private static void Check(int[] samples)
    {
        var statistics = Compute(samples);
        var n = samples.Length;
        var mean = (decimal)Sum(samples.Select(sample => (BigInteger)sample)) / n;
        var squares = samples.Sum(sample => (sample - mean) * (sample - mean));
        var meanSquare = (decimal)Sum(samples.Select(sample => (BigInteger)sample * sample)) / n;
        Assert.Equal((samples.Min(), samples.Max()), (statistics.Minimum, statistics.Maximum));
        Assert.Equal((long)samples.Max() - samples.Min(), statistics.PeakToPeak);
        Near(mean, statistics.Mean);
        Near(Math.Sqrt((double)meanSquare), statistics.Rms);
        Assert.Equal(n == 1, statistics.StandardDeviation is null);
        if (statistics.StandardDeviation is { } deviation)
        {
            Near(Math.Sqrt((double)(squares / (n - 1))), deviation);
        }
    }

    private static BigInteger Sum(IEnumerable<BigInteger> numbers) => numbers.Aggregate(BigInteger.Zero, BigInteger.Add);

    private static void Near(decimal expected, double actual) => Near((double)expected, actual);

    private static void Near(double expected, double actual) =>
        Assert.InRange(actual, expected - Slack(expected), expected + Slack(expected));

    /// <summary>Returns a few units in the last place: sums are exact, and only the last steps round.</summary>
    private static double Slack(double value) => Math.Abs(value) * 1e-14;

    private static SampleStatistics Compute(int[] samples) =>
        (SampleStatistics)new SampleStatisticsInsight().Compute(new LeadSignal("I", samples, new RecordingInfo()));
}
