using Idoven.Identity.Mail;
using Idoven.Identity.SignIn;
using Idoven.Shared.Data.Limits;

namespace Idoven.Identity;

/// <summary>The limited resources of sign-ins and e-mails, with the share of one caller; docs/shares.md lists them.</summary>
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
            "an address that sends a password or a recovery code; of IPv6 the network of 64 bits",
            $"all processors but one; {HashingGate.MaxWaiting} wait in each of two queues",
            $"{HashingGate.Share} in each queue, and three quarters while a quarter is free; known devices have a queue of their own",
            "503"),
        new(
            "e-mails",
            "an account, and an address that e-mails are sent to",
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
            "one a minute for each action, reason, client and account",
            "the row counts them"),
    ];
}
