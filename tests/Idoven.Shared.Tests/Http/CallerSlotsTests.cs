using System.Security.Claims;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;

namespace Idoven.Shared.Tests.Http;

public sealed class CallerSlotsTests
{
    private readonly CallerSlots slots = new("downloads", limit: 3, limitPerCaller: 2, Lending.Never, TimeProvider.System);

    [Fact]
    public void A_caller_gets_at_most_the_limit_per_caller_and_another_caller_gets_the_rest()
    {
        Assert.Equal(
            [ShareState.Taken, ShareState.Taken, ShareState.CallerFull, ShareState.Taken, ShareState.HostFull],
            new[] { "a", "a", "a", "b", "b" }.Select(caller => slots.Enter(caller).State));
    }

    [Fact]
    public void A_user_has_a_share_for_each_client_that_they_signed_in_with()
    {
        string[] callers = [Key("phone"), Key("phone"), Key("phone"), Key("laptop")];

        Assert.Equal(
            [ShareState.Taken, ShareState.Taken, ShareState.CallerFull, ShareState.Taken],
            callers.Select(caller => slots.Enter(caller).State));

        static string Key(string client) =>
            new CurrentCaller(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada"), new Claim("client_id", client)]))).Key;
    }

    [Fact]
    public void A_slot_is_free_again_once_it_is_disposed()
    {
        using var first = slots.Enter("a");
        var second = slots.Enter("a");
        Assert.Equal(ShareState.CallerFull, slots.Enter("a").State);

        second.Dispose();

        Assert.Equal(ShareState.Taken, slots.Enter("a").State);
    }

    [Fact]
    public void Disposing_twice_or_without_a_slot_frees_nothing()
    {
        var first = slots.Enter("a");
        using var second = slots.Enter("a");
        slots.Enter("a").Dispose();
        Assert.Equal(ShareState.CallerFull, slots.Enter("a").State);

        first.Dispose();
        first.Dispose();

        Assert.Equal([ShareState.Taken, ShareState.CallerFull], new[] { slots.Enter("a").State, slots.Enter("a").State });
    }

    [Fact]
    public async Task Callers_at_the_same_time_never_exceed_a_limit_and_leave_every_slot_free()
    {
        var (most, now) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                using var slot = slots.Enter($"{number % 4}");
                if (slot.State == ShareState.Taken)
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref now));
                    Interlocked.Decrement(ref now);
                }
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.Equal(
            [ShareState.Taken, ShareState.Taken, ShareState.Taken], new[] { "0", "1", "2" }.Select(caller => slots.Enter(caller).State));
    }

    [Fact]
    public async Task Rejection_names_the_limit_of_the_caller_or_of_the_host()
    {
        var states = new[] { "a", "a", "a", "b", "b" }.Select(slots.Enter).ToList();

        var callerResponse = await RecordedResponse.Record(context => states[2].Rejection(context)!.ExecuteAsync(context));
        var hostResponse = await RecordedResponse.Record(context => states[4].Rejection(context)!.ExecuteAsync(context));

        Assert.Equal(
            (429, "5", "/problems/too-many-at-once", "This caller has 2 downloads in progress, which is the maximum."),
            (callerResponse.Status, callerResponse.RetryAfter, (string?)callerResponse.Body["type"],
                (string?)callerResponse.Body["detail"]));
        Assert.Equal(
            (503, "5", "/problems/unavailable", "This host has 3 downloads in progress, which is the maximum."),
            (hostResponse.Status, hostResponse.RetryAfter, (string?)hostResponse.Body["type"], (string?)hostResponse.Body["detail"]));
        Assert.Null(states[0].Rejection(new Microsoft.AspNetCore.Http.DefaultHttpContext()));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
