using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests how long a browser stays signed in, on a host whose clock the tests set.</summary>
[Trait("Hosts", "one")]
public sealed class BrowserIdleTests(RunningParts parts)
{
    private const string Page = "/connect/verify";
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    [Fact]
    public async Task Browser_session_expires_after_15_minutes_unused_and_after_12_hours_in_use()
    {
        var clock = new StoppedClock();
        await using var host = await RunningHost.StartAt(clock, parts.Settings);
        var person = await parts.Host.NewPerson();
        using var browser = new Browser(host);
        await SignIn();

        clock.Now += Idle;

        Assert.False(await IsSignedIn());
        await SignIn();
        var signedIn = clock.Now;
        for (var step = Idle - TimeSpan.FromSeconds(1); clock.Now + step < signedIn + Longest;)
        {
            clock.Now += step;
            Assert.True(await IsSignedIn(), $"signed out after {clock.Now - signedIn}");
        }

        clock.Now = signedIn + Longest;
        Assert.False(await IsSignedIn());

        async Task SignIn()
        {
            await browser.SignIn(Page, person);
            Assert.True(await IsSignedIn());
        }

        async Task<bool> IsSignedIn() => (await browser.Get(Page)).Heading == "Connect a device";
    }
}
