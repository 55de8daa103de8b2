using Idoven.Identity.Mail;

namespace Idoven.Identity.Tests.Mail;

/// <summary>Tests the limits of every kind of e-mail at their maximum and after their period.</summary>
public sealed class EmailBoundTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);
    private static readonly EmailBoundOptions Options = new();
    private readonly Dictionary<string, EmailCount> counts = [];

    public static TheoryData<string> Notices => [.. Enum.GetNames<Notice>()];

    /// <summary>Returns the daily limit of a kind. A new kind of e-mail has to be added here.</summary>
    private static int PerDay(Notice notice) => notice switch
    {
        Notice.VerifyEmail or Notice.Recovery => 5,
        Notice.WrongPasswords or Notice.RightAfterWrongPasswords => 1,
        Notice.EmailChanged or Notice.UsernameChanged or Notice.PasswordChanged or Notice.Recovered or Notice.SecondFactorOn
            or Notice.SecondFactorOff or Notice.RecoveryCodesReplaced => 20,
        _ => throw new ArgumentOutOfRangeException(nameof(notice)),
    };

    [Theory, MemberData(nameof(Notices))]
    public void Each_kind_of_email_has_a_daily_limit_that_ends_a_day_after_the_first(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        var account = Guid.NewGuid();

        // One e-mail in each minute of a day; a minute is the longest pause of any kind.
        var sent = Enumerable.Range(0, 24 * 60)
            .Where(minute => IsSent(notice, account, "ada@example.org", Start + TimeSpan.FromMinutes(minute))).ToList();

        Assert.Equal(Enumerable.Range(0, PerDay(notice)), sent);
        Assert.True(IsSent(notice, account, "ada@example.org", Start + TimeSpan.FromDays(1)));
    }

    [Theory, MemberData(nameof(Notices))]
    public void Emails_of_other_kinds_and_accounts_do_not_count_towards_a_limit(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        var account = Guid.NewGuid();
        var others = Enum.GetValues<Notice>()
            .SelectMany(other => new[] { (other, account), (other, Guid.NewGuid()) })
            .Where(pair => pair != (notice, account));
        foreach (var (other, owner) in others)
        {
            Assert.Contains(false, Enumerable.Range(0, 100).Select(_ => IsSent(other, owner, $"{owner}@example.org", Start)));
        }

        Assert.True(IsSent(notice, account, $"{account}@example.org", Start));
    }

    [Theory, InlineData("VerifyEmail"), InlineData("Recovery")]
    public void Emails_that_anyone_can_cause_go_to_an_address_at_most_once_a_minute_and_five_times_a_day(string kind)
    {
        var notice = Enum.Parse<Notice>(kind);
        Assert.True(IsSent(notice, Guid.NewGuid(), "ada@example.org", Start));
        Assert.False(IsSent(notice, Guid.NewGuid(), " ADA@example.org", Start + TimeSpan.FromSeconds(59)));

        var sent = Enumerable.Range(1, 10)
            .Where(minute => IsSent(notice, Guid.NewGuid(), "Ada@Example.org", Start + TimeSpan.FromMinutes(minute)));
        Assert.Equal([1, 2, 3, 4], sent);
    }

    [Fact]
    public void An_account_causes_at_most_five_verification_emails_a_day()
    {
        var account = Guid.NewGuid();

        Assert.Equal(5, Enumerable.Range(0, 40).Count(i => IsSent(Notice.VerifyEmail, account, $"address{i}@example.org", Start)));
    }

    [Fact]
    public void A_network_can_request_recovery_at_most_20_times_in_an_hour()
    {
        var bound = EmailBound.ForRecoveryRequests("192.0.2.1", Options);

        Assert.Equal(20, Enumerable.Range(0, 3600).Count(second => IsCounted([bound], Start + TimeSpan.FromSeconds(second))));
        Assert.True(IsCounted([bound], Start + TimeSpan.FromHours(1)));
        Assert.True(IsCounted([EmailBound.ForRecoveryRequests("192.0.2.2", Options)], Start));
    }

    private bool IsSent(Notice notice, Guid account, string address, DateTimeOffset now) =>
        IsCounted(EmailBound.ForNotice(notice, account, address, Options), now);

    /// <summary>Counts in memory as <c>EmailCounts</c> does in the database.</summary>
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
