using Idoven.Ecgs.Application.Processing;

namespace Idoven.Ecgs.Tests.Application.Processing;

public sealed class AnalysisBacklogTests
{
    [Theory]
    [InlineData(1_000, 10, 100, 0)]
    [InlineData(1_050, 10, 100, 5)]
    [InlineData(1_000, 0, 0, 0)]
    [InlineData(0, 10, 0, 0)]
    [InlineData(1, 10, 0, 0.1)]
    public void Excess_is_the_analysis_time_of_the_samples_above_the_limit(
        long samples, double samplesPerSecond, int boundSeconds, double excessSeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(excessSeconds), new AnalysisBacklog(1, samples, TimeSpan.Zero, samplesPerSecond)
            .Excess(TimeSpan.FromSeconds(boundSeconds)));

    [Fact]
    public void Excess_of_a_rate_near_zero_is_finite() =>
        Assert.True(new AnalysisBacklog(1, long.MaxValue, TimeSpan.Zero, double.Epsilon)
            .Excess(TimeSpan.FromMinutes(15)) > TimeSpan.FromDays(1));
}
