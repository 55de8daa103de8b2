using Idoven.Shared.Data.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Shared.Tests.Limits;

public sealed class CallerSharesTests
{
    private const int Limit = 16;
    private const int Share = 2;
    private const int Lendable = 12;
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider clock = new();

    public static TheoryData<Lending> Lendings => [.. Enum.GetValues<Lending>()];

    [Theory, MemberData(nameof(Lendings))]
    public void A_caller_alone_gets_its_share_or_all_but_a_quarter(Lending lending)
    {
        var shares = Shares(lending);
        Assert.Equal(lending == Lending.Never ? Share : Lendable, TakeAll(shares, "a"));
        Assert.Equal(ShareState.CallerFull, shares.Take("a", 1));
    }

    [Theory, MemberData(nameof(Lendings))]
    public void Other_callers_get_their_shares_while_one_is_at_its_maximum(Lending lending)
    {
        var shares = Shares(lending);
        TakeAll(shares, "a");
        Assert.Equal([Share, Share], new[] { "b", "c" }.Select(caller => TakeAll(shares, caller)));
    }

    [Theory, MemberData(nameof(Lendings))]
    public void All_callers_together_get_no_more_than_the_limit(Lending lending)
    {
        var shares = Shares(lending);
        var total = Enumerable.Range(0, 20).Sum(caller => TakeAll(shares, $"{caller}"));
        Assert.Equal(Limit, total);
        Assert.Equal(ShareState.HostFull, shares.Take("late", 1));
        shares.GiveBack("0", 1);
        Assert.Equal(ShareState.Taken, shares.Take("late", 1));
    }

    [Fact]
    public void A_caller_gets_more_than_its_share_while_no_other_caller_asks_or_has_any()
    {
        var shares = Shares(Lending.WhileNoOtherCallerAsks);
        Take(shares, "a", 3);

        Assert.Equal(ShareState.Taken, shares.Take("b", 1));
        Assert.Equal(ShareState.CallerFull, shares.Take("a", 1));
        clock.Advance(Lately);
        Assert.Equal(ShareState.CallerFull, shares.Take("a", 1));
        shares.GiveBack("b", 1);
        Assert.Equal(ShareState.Taken, shares.Take("a", 1));
    }

    [Fact]
    public void A_request_prevents_lending_for_ten_seconds_even_if_it_was_rejected()
    {
        var shares = Shares(Lending.WhileNoOtherCallerAsks);
        Take(shares, "a", 3);
        shares.Take("b", Limit);
        Take(shares, "c", 1);
        shares.GiveBack("c", 1);

        clock.Advance(Lately - TimeSpan.FromTicks(1));
        Assert.Equal(ShareState.CallerFull, shares.Take("a", 1));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(ShareState.Taken, shares.Take("a", 1));
    }

    [Fact]
    public void With_a_free_quarter_lending_does_not_depend_on_other_callers()
    {
        var shares = Shares(Lending.WhileAQuarterIsFree);
        Take(shares, "b", Share);
        Assert.Equal(Lendable - Share, TakeAll(shares, "a"));
    }

    [Fact]
    public void An_amount_is_taken_completely_or_not_at_all()
    {
        var shares = Shares(Lending.WhileAQuarterIsFree);
        Assert.Equal(
            [ShareState.CallerFull, ShareState.HostFull, ShareState.Taken],
            new[] { 13L, 17, 12 }.Select(amount => shares.Take("a", amount)));
    }

    private static int TakeAll(CallerShares shares, string caller)
    {
        var taken = 0;
        while (shares.Take(caller, 1) == ShareState.Taken)
        {
            taken++;
        }

        return taken;
    }

    private static void Take(CallerShares shares, string caller, int times) =>
        Assert.All(Enumerable.Range(0, times), _ => Assert.Equal(ShareState.Taken, shares.Take(caller, 1)));

    private CallerShares Shares(Lending lending) => new(Limit, Share, lending, clock);
}
