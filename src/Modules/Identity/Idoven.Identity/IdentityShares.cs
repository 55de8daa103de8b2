using Idoven.Identity.Mail;
using Idoven.Identity.SignIn;
using Idoven.Shared.Data.Limits;

namespace Idoven.Identity;

/// <summary>What signing in and e-mails need and of which there is a limited amount.</summary>
internal static class IdentityShares
{
    private static readonly EmailBoundOptions Default = new();

    public static IReadOnlyList<LimitedResource> All { get; } =
    [
        new(
            "attempts that wait",
            "an address",
            $"{SignInThrottle.Slots} of a host",
            $"{SignInThrottle.SlotsOfAddress}",
            "503"),
        new(
            "hashes of passwords",
            "anyone who gives a password or a recovery code",
            $"all processors but one; {HashingGate.MaxWaiting} wait in each of two queues",
            "a browser on which its holder signed in before has a queue of its own; others by their waiting attempts",
            "503"),
        new(
            "e-mails",
            "an account, and an address that is written to",
            "none",
            $"{Default.PerAddressAndDay} a day of a kind to an address, one in {Default.PausePerAddress.TotalSeconds:0} s; "
                + $"{Default.VerificationsPerDay} verifications and {Default.NoticesPerDay} notices a day of an account (`EmailBounds:*`)",
            "429 `too-many-requests`, or no e-mail"),
        new(
            "requests for recovery",
            "a network",
            "none",
            $"{Default.RecoveriesPerHour} an hour (`EmailBounds:RecoveriesPerHour`)",
            "429 `too-many-requests`"),
        new(
            "rows of the audit log for requests rejected without a token",
            "an address; of IPv6 the network of 64 bits",
            "none",
            "one a minute of each action, reason, client and account",
            "the row counts them"),
    ];
}
