using System.Diagnostics;
using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

public sealed class RateLimitTests(RunningParts parts)
{
    private const int Burst = 20;

    [Fact]
    [Trait(LimitedResourceTests.Trait, "requests")]
    public async Task Caller_beyond_its_rate_limit_gets_429_and_others_are_served()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("RateLimits:Burst", $"{Burst}"), ("RateLimits:PerSecond", "1"));
        using var hasty = await host.NewOwner();
        using var other = await host.NewOwner();

        var since = Stopwatch.GetTimestamp();
        var first = await hasty.GetAsync(EcgCalls.Route);
        Assert.Equal("\"client\";q=20;w=20", first.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("\"client\";r=19;t=1", first.Headers.GetValues("RateLimit").Single());

        HttpResponseMessage last;
        var served = 1;
        while ((last = await hasty.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.OK)
        {
            // One more request is allowed for each second that has begun since the first one.
            Assert.InRange(++served, 1, Burst + 1 + (int)Stopwatch.GetElapsedTime(since).TotalSeconds);
        }

        Assert.InRange(served, Burst, int.MaxValue);
        await last.Problem(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), last.Headers.RetryAfter?.Delta);
        for (var i = 0; i < Burst; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(EcgCalls.Route)).StatusCode);
        }

        await Eventually.Holds(async () => (await hasty.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.OK);
    }
}
