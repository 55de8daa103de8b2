using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Shared.Tests.Jobs;

public sealed class ThrottledLogTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void First_line_is_written() => Assert.True(new ThrottledLog(clock).TryEnter());

    [Fact]
    public void Second_line_is_written_after_the_interval_and_not_before()
    {
        var log = new ThrottledLog(clock);
        log.TryEnter();

        clock.Advance(ThrottledLog.Interval - TimeSpan.FromTicks(1));
        Assert.False(log.TryEnter());

        clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(log.TryEnter());
    }

    [Fact]
    public void Suppressed_line_does_not_extend_the_interval()
    {
        var log = new ThrottledLog(clock);
        log.TryEnter();
        clock.Advance(ThrottledLog.Interval / 2);
        log.TryEnter();

        clock.Advance(ThrottledLog.Interval / 2);

        Assert.True(log.TryEnter());
    }

    [Fact]
    public void Each_log_has_its_own_interval()
    {
        new ThrottledLog(clock).TryEnter();

        Assert.True(new ThrottledLog(clock).TryEnter());
    }
}
