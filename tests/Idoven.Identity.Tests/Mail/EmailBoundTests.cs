using Idoven.Identity.Mail;

namespace Idoven.Identity.Tests.Mail;

/// <summary>Every kind of e-mail has a bound, at its maximum and after its time.</summary>
public sealed class EmailBoundTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);
    private static readonly EmailBoundOptions Options = new();
    private readonly Dictionary<string, EmailCount> counts = [];

    public static TheoryData<string> Notices => [.. Enum.GetNames<Notice>()];

    /// <summary>A new kind has to say here how many of it a holder gets in a day.</summary>
    private static int PerDay(Notice notice) => notice switch
    {
        Notice.VerifyEmail or Notice.Recovery => 5,
        Notice.WrongPasswords or Notice.RightAfterWrongPasswords => 1,
        Notice.EmailChanged or Notice.UsernameChanged or Notice.PasswordChanged or Notice.Recovered or Notice.SecondFactorOn or Notice.SecondFactorOff
            or Notice.RecoveryCodesReplaced => 20,
        _ => throw new ArgumentOutOfRangeException(nameof(notice)),
    };

    [Theory, MemberData(nameof(Notices))]
    public void Each_kind_of_email_stops_at_its_number_a_day_and_goes_on_a_day_after_the_first(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        var account = Guid.NewGuid();

        // One every minute, the longest pause of any kind, for a day.
        var sent = Enumerable.Range(0, 24 * 60).Where(minute => IsSent(notice, account, "ada@example.org", Start + TimeSpan.FromMinutes(minute))).ToList();

        Assert.Equal(Enumerable.Range(0, PerDay(notice)), sent);
        Assert.True(IsSent(notice, account, "ada@example.org", Start + TimeSpan.FromDays(1)));
    }

    [Theory, MemberData(nameof(Notices))]
    public void No_other_kind_of_email_and_no_other_account_uses_up_what_an_account_may_get(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        var account = Guid.NewGuid();
        foreach (var (other, whose) in Enum.GetValues<Notice>().SelectMany(other => new[] { (other, account), (other, Guid.NewGuid()) }).Where(pair => pair != (notice, account)))
        {
            Assert.Contains(false, Enumerable.Range(0, 100).Select(_ => IsSent(other, whose, $"{whose}@example.org", Start)));
        }

        Assert.True(IsSent(notice, account, $"{account}@example.org", Start));
    }

    [Theory, InlineData("VerifyEmail"), InlineData("Recovery")]
    public void What_anyone_can_cause_goes_to_an_address_once_a_minute_and_five_times_a_day_however_it_is_written(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        Assert.True(IsSent(notice, Guid.NewGuid(), "ada@example.org", Start));
        Assert.False(IsSent(notice, Guid.NewGuid(), " ADA@example.org", Start + TimeSpan.FromSeconds(59)));

        Assert.Equal([1, 2, 3, 4], Enumerable.Range(1, 10).Where(minute => IsSent(notice, Guid.NewGuid(), "Ada@Example.org", Start + TimeSpan.FromMinutes(minute))));
    }

    [Fact]
    public void An_account_sends_verification_emails_to_five_addresses_a_day()
    {
        var account = Guid.NewGuid();

        Assert.Equal(5, Enumerable.Range(0, 40).Count(change => IsSent(Notice.VerifyEmail, account, $"stranger{change}@example.org", Start)));
    }

    [Fact]
    public void A_network_asks_for_recovery_twenty_times_in_an_hour()
    {
        var bound = EmailBound.ForRecoveryRequests("192.0.2.1", Options);

        Assert.Equal(20, Enumerable.Range(0, 3600).Count(second => IsCounted([bound], Start + TimeSpan.FromSeconds(second))));
        Assert.True(IsCounted([bound], Start + TimeSpan.FromHours(1)));
        Assert.True(IsCounted([EmailBound.ForRecoveryRequests("192.0.2.2", Options)], Start));
    }

    private bool IsSent(Notice notice, Guid account, string address, DateTimeOffset now) => IsCounted(EmailBound.ForNotice(notice, account, address, Options), now);

    /// <summary>As <c>EmailCounts</c> does it in the database.</summary>
    private bool IsCounted(IReadOnlyList<EmailBound> bounds, DateTimeOffset now)
    {
        Assert.NotEmpty(bounds);
        foreach (var bound in bounds)
        {
            counts.TryAdd(bound.Key, new EmailCount { Key = [], Since = now, Number = 0, LastAt = now });
        }

        if (bounds.Any(bound => bound.Wait(counts[bound.Key], now) > TimeSpan.Zero))
        {
            return false;
        }

        foreach (var bound in bounds)
        {
            bound.Count(counts[bound.Key], now);
        }

        return true;
    }
}
