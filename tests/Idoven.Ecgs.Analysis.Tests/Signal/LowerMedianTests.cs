using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Signal;

public sealed class LowerMedianTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(7), InlineData(8), InlineData(9), InlineData(16), InlineData(17), InlineData(31), InlineData(32)]
    [InlineData(33), InlineData(64), InlineData(65), InlineData(1000)]
    public void The_lower_median_is_that_of_the_sorted_values(int count)
    {
        var random = new Random(count);
        for (var trial = 0; trial < 200; trial++)
        {
            // Few values, so that many are equal, and now and then none that is finite.
            var values = Enumerable.Range(0, count).Select(_ => random.Next(20) switch { 0 => double.NegativeInfinity, 1 => double.PositiveInfinity, var one => one / 3.0 }).ToArray();
            Assert.Equal(values.Order().ElementAt((count - 1) / 2), LowerMedian.Compute([.. values]));
        }
    }

    [Fact]
    public void What_is_not_a_number_stands_behind_the_others() => Assert.Equal(3, LowerMedian.Compute([double.NaN, 2, double.NaN, 1, 3]));

    [Fact]
    public void Nothing_has_no_median() => Assert.Equal(double.NaN, LowerMedian.Compute([]));
}
