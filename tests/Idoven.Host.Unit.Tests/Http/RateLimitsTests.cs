using System.Security.Claims;
using Idoven.Host.Http;
using Idoven.Shared.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class RateLimitsTests
{
    private readonly ManualClock clock = new();

    [Theory, InlineData(1), InlineData(7), InlineData(10), InlineData(15), InlineData(19), InlineData(500), InlineData(999)]
    public async Task A_client_is_granted_exactly_the_configured_requests_a_second(int perSecond)
    {
        using var limits = new RateLimits(new RateLimitOptions { Burst = 1000, PerSecond = perSecond }, clock);
        Assert.Equal(1000, await Granted(limits));

        var granted = 0;
        for (var step = 0; step < 100; step++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            granted += await Granted(limits);
        }

        Assert.Equal(10 * perSecond, granted);
    }

    [Theory, InlineData(1), InlineData(15), InlineData(999_983), InlineData(1_000_000)]
    public void A_bucket_grants_its_rate_for_any_distribution_of_requests(int perSecond)
    {
        const int Burst = 1_000_000;
        using var bucket = new RequestBucket(Burst, perSecond, clock);
        var granted = 0;
        foreach (var ticks in new[] { 0L, 1, 9, 333_333, 1, 9_666_656, 10_000_000 })
        {
            clock.Advance(TimeSpan.FromTicks(ticks));
            granted += Granted(bucket);
        }

        Assert.Equal(Burst + (2 * perSecond), granted);
    }

    [Fact]
    public void A_bucket_holds_at_most_its_burst_and_is_idle_when_it_is_full()
    {
        using var bucket = new RequestBucket(1_000_000, 1, clock);
        Assert.Equal(1_000_000, Granted(bucket));
        Assert.Null(bucket.IdleDuration);
        Assert.Equal(0, bucket.GetStatistics()!.CurrentAvailablePermits);

        clock.Advance(TimeSpan.FromDays(365_000));
        Assert.Equal(TimeSpan.FromDays(365_000), bucket.IdleDuration);
        Assert.Equal(1_000_000, bucket.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal(1_000_000, Granted(bucket));
    }

    private static int Granted(RequestBucket bucket)
    {
        for (var granted = 0; ; granted++)
        {
            using var lease = bucket.AttemptAcquire();
            if (!lease.IsAcquired)
            {
                return granted;
            }
        }
    }

    /// <summary>Sends requests until one is rejected.</summary>
    private static async Task<int> Granted(RateLimits limits)
    {
        for (var granted = 0; ; granted++)
        {
            var isGranted = false;
            await limits.Invoke(new DefaultHttpContext { User = Client, RequestServices = RecordedResponse.Services }, _ =>
            {
                isGranted = true;
                return Task.CompletedTask;
            });
            if (!isGranted)
            {
                return granted;
            }
        }
    }

    private static ClaimsPrincipal Client { get; } = Callers.Machine();

    /// <summary>Represents a clock that only the test moves.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan time) => now += time.Ticks;
    }
}
