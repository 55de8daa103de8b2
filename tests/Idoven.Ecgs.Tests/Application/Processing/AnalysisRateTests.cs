using Idoven.Ecgs.Application.Processing;

namespace Idoven.Ecgs.Tests.Application.Processing;

public sealed class AnalysisRateTests
{
    [Fact]
    public void Rate_is_unknown_until_two_seconds_of_work_were_measured()
    {
        var rate = new AnalysisRate();
        Assert.Equal(0, rate.SamplesPerSecond);
        rate.Record(1_000, TimeSpan.FromSeconds(1.5));
        Assert.Equal(0, rate.SamplesPerSecond);
        rate.Record(1_000, TimeSpan.FromSeconds(0.5));
        Assert.InRange(rate.SamplesPerSecond, 1_000, 1_010);
    }

    [Fact]
    public void Rate_is_samples_for_each_second_of_work()
    {
        var rate = new AnalysisRate();
        for (var i = 0; i < 1_000; i++)
        {
            rate.Record(60_000, TimeSpan.FromMilliseconds(30));
        }

        Assert.Equal(2_000_000, rate.SamplesPerSecond, tolerance: 1);
    }

    [Fact]
    public void Work_from_minutes_ago_hardly_changes_the_rate()
    {
        var rate = new AnalysisRate();
        for (var i = 0; i < 100; i++)
        {
            rate.Record(100, TimeSpan.FromSeconds(1));
        }

        for (var i = 0; i < 60; i++)
        {
            rate.Record(1_000, TimeSpan.FromSeconds(1));
        }

        Assert.InRange(rate.SamplesPerSecond, 600, 800);
        for (var i = 0; i < 240; i++)
        {
            rate.Record(1_000, TimeSpan.FromSeconds(1));
        }

        Assert.InRange(rate.SamplesPerSecond, 990, 1_000);
    }

    [Fact]
    public void One_analysis_longer_than_the_window_determines_the_rate()
    {
        var rate = new AnalysisRate();
        rate.Record(1, TimeSpan.FromSeconds(10));
        rate.Record(3_600_000, TimeSpan.FromHours(1));
        Assert.Equal(1_000, rate.SamplesPerSecond, tolerance: 1);
    }
}
