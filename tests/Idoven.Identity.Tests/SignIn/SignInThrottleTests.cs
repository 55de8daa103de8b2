using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class SignInThrottleTests
{
    [Fact]
    public void One_address_takes_its_own_places_only()
    {
        var room = new SignInThrottle(places: 4, ofOneAddress: 2);
        using var first = room.Enter("a");
        var second = room.Enter("a");
        Assert.Throws<TooManySignInsException>(() => room.Enter("a"));
        using var other = room.Enter("b");

        second.Dispose();
        second.Dispose();
        using var again = room.Enter("a");
        Assert.Throws<TooManySignInsException>(() => room.Enter("a"));
    }

    [Fact]
    public void All_addresses_together_take_no_more_than_there_are()
    {
        var room = new SignInThrottle(places: 2, ofOneAddress: 2);
        using var first = room.Enter("a");
        var second = room.Enter("b");
        Assert.Throws<TooManySignInsException>(() => room.Enter("c"));

        second.Dispose();
        using var third = room.Enter("c");
    }

    [Fact]
    public async Task Many_at_once_leave_it_empty()
    {
        var room = new SignInThrottle(places: 100, ofOneAddress: 3);
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), TestContext.Current.CancellationToken, async (i, _) =>
        {
            try
            {
                using var place = room.Enter($"{i % 3}");
                await Task.Yield();
            }
            catch (TooManySignInsException)
            {
                // Its place is taken by the next.
            }
        });
        var places = Enumerable.Range(0, 3).SelectMany(address => Enumerable.Range(0, 3).Select(_ => room.Enter($"{address}"))).ToList();
        Assert.Equal(9, places.Count);
    }
}
