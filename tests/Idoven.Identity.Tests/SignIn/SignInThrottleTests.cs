using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class SignInThrottleTests
{
    [Fact]
    public void One_address_cannot_take_more_than_its_slots()
    {
        var throttle = new SignInThrottle(slots: 4, slotsOfAddress: 2);
        using var first = throttle.Enter("a");
        var second = throttle.Enter("a");
        Assert.Throws<TooManySignInsException>(() => throttle.Enter("a"));
        using var other = throttle.Enter("b");

        second.Dispose();
        second.Dispose();
        using var again = throttle.Enter("a");
        Assert.Throws<TooManySignInsException>(() => throttle.Enter("a"));
    }

    [Fact]
    public void All_addresses_together_cannot_take_more_than_all_slots()
    {
        var throttle = new SignInThrottle(slots: 2, slotsOfAddress: 2);
        using var first = throttle.Enter("a");
        var second = throttle.Enter("b");
        Assert.Throws<TooManySignInsException>(() => throttle.Enter("c"));

        second.Dispose();
        using var third = throttle.Enter("c");
    }

    [Fact]
    public async Task Concurrent_attempts_release_all_slots()
    {
        var throttle = new SignInThrottle(slots: 100, slotsOfAddress: 3);
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), TestContext.Current.CancellationToken, async (i, _) =>
        {
            try
            {
                using var slot = throttle.Enter($"{i % 3}");
                await Task.Yield();
            }
            catch (TooManySignInsException)
            {
                // The slots are taken; another attempt releases one.
            }
        });
        var taken = Enumerable.Range(0, 3).SelectMany(address => Enumerable.Range(0, 3).Select(_ => throttle.Enter($"{address}"))).ToList();
        Assert.Equal(9, taken.Count);
    }
}
