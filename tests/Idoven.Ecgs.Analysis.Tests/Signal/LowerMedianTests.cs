using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Signal;

public sealed class LowerMedianTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(7), InlineData(8), InlineData(9), InlineData(16)]
    [InlineData(17), InlineData(31), InlineData(32), InlineData(33), InlineData(64), InlineData(65), InlineData(1000)]
    public void The_lower_median_equals_that_of_the_sorted_values(int count)
    {
        var random = new Random(count);
        for (var trial = 0; trial < 200; trial++)
        {
            // Few distinct values, so that many are equal, and some infinite ones.
            double Next() => random.Next(20) switch { 0 => double.NegativeInfinity, 1 => double.PositiveInfinity, var one => one / 3.0 };
            var values = Enumerable.Range(0, count).Select(_ => Next()).ToArray();
            Assert.Equal(values.Order().ElementAt((count - 1) / 2), LowerMedian.Compute([.. values]));
        }
    }

    [Fact]
    public void NaN_is_larger_than_every_number() => Assert.Equal(3, LowerMedian.Compute([double.NaN, 2, double.NaN, 1, 3]));

    [Fact]
    public void The_median_of_no_values_is_NaN() => Assert.Equal(double.NaN, LowerMedian.Compute([]));
}
