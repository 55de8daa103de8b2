using System.ComponentModel.DataAnnotations;

namespace Idoven.Identity.Mail;

/// <summary>
/// The section <c>EmailBounds</c> of the configuration: limits on e-mails. A day is 24 hours and an hour 60 minutes, both from the first
/// e-mail or request that is counted.
/// </summary>
internal sealed class EmailBoundOptions
{
    private const int Largest = 1_000_000;

    /// <summary>Verification e-mails of one account in a day, to all addresses together.</summary>
    [Range(1, Largest)]
    public int VerificationsPerDay { get; set; } = 5;

    /// <summary>E-mails to one address in a day of each kind that anyone can cause: verification and recovery.</summary>
    [Range(1, Largest)]
    public int PerAddressAndDay { get; set; } = 5;

    /// <summary>The time between two e-mails of such a kind to one address.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "give 0 to 24 hours, such as 00:01:00")]
    public TimeSpan PausePerAddress { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>E-mails to one account about changes, of each kind in a day.</summary>
    [Range(1, Largest)]
    public int NoticesPerDay { get; set; } = 20;

    /// <summary>Requests for recovery from one network in an hour.</summary>
    [Range(1, Largest)]
    public int RecoveriesPerHour { get; set; } = 20;
}
