using Idoven.Identity.Accounts;

namespace Idoven.Identity.Mail;

/// <summary>
/// Represents a limit on e-mails: at most a number of them in a period that begins with the first, and a pause between two.
/// </summary>
/// <param name="Key">Identifies the counter: e-mails of one kind for an account or to an address, or requests from a network.</param>
/// <param name="AccountId">The account with which the counter is erased; null if it does not belong to an account.</param>
internal sealed record EmailBound(string Key, Guid? AccountId, int Most, TimeSpan Window, TimeSpan Pause)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// Returns the limits of a kind of e-mail. Each kind is counted separately, so that no kind uses up the e-mails of another.
    /// </summary>
    /// <param name="address">The recipient; required for kinds of e-mail that anyone can trigger.</param>
    public static IReadOnlyList<EmailBound> ForNotice(Notice notice, Guid accountId, string? address, EmailBoundOptions options)
    {
        return notice switch
        {
            Notice.VerifyEmail => [ForAccount(options.VerificationsPerDay), ForAddress()],
            Notice.Recovery => [ForAddress()],
            Notice.WrongPasswords or Notice.RightAfterWrongPasswords => [ForAccount(1)],
            Notice.EmailChanged or Notice.UsernameChanged or Notice.PasswordChanged or Notice.Recovered or Notice.SecondFactorOn
                or Notice.SecondFactorOff or Notice.RecoveryCodesReplaced => [ForAccount(options.NoticesPerDay)],
            _ => throw new ArgumentOutOfRangeException(nameof(notice)),
        };

        EmailBound ForAccount(int most) => new($"{notice} account {accountId}", accountId, most, Day, TimeSpan.Zero);

        EmailBound ForAddress() => new(
            $"{notice} address {LoginIdentifier.Normalize(address!)}", AccountId: null, options.PerAddressAndDay,
            Day, options.PausePerAddress);
    }

    public static EmailBound ForRecoveryRequests(string network, EmailBoundOptions options) =>
        new($"recovery network {network}", AccountId: null, options.RecoveriesPerHour, TimeSpan.FromHours(1), TimeSpan.Zero);

    /// <summary>Returns how long it takes until one more is allowed; zero if it is allowed now.</summary>
    public TimeSpan Wait(EmailCount count, DateTimeOffset now)
    {
        if (count.Number == 0)
        {
            return TimeSpan.Zero;
        }

        var pause = count.LastAt + Pause - now;
        var window = count.Number < Most ? TimeSpan.Zero : count.Since + Window - now;
        return new[] { pause, window, TimeSpan.Zero }.Max();
    }

    public void Count(EmailCount count, DateTimeOffset now)
    {
        if (count.Number == 0 || count.Since + Window <= now)
        {
            (count.Since, count.Number) = (now, 0);
        }

        count.Number++;
        count.LastAt = now;
    }
}
