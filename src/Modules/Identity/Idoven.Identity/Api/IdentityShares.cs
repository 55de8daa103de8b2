using Idoven.Identity.Application;
using Idoven.Shared.Limits;

namespace Idoven.Identity.Api;

/// <summary>What signing in and e-mails need and of which there is only so much.</summary>
internal static class IdentityShares
{
    public static IReadOnlyList<ScarceThing> All { get; } =
    [
        new(
            "attempts that wait",
            "an address",
            $"{WaitingRoom.Places} of a host",
            $"{WaitingRoom.OfOneAddress}",
            "503"),
        new(
            "hashes of passwords",
            "anyone who gives a password or a recovery code",
            "all processors but one; 512 wait in each of two lines",
            "a browser on which its holder signed in before has a line of its own; others by their waiting attempts",
            "503"),
        new(
            "e-mails",
            "an account, and an address that is written to",
            "none",
            "5 a day of a kind to an address, one a minute; 5 verifications and 20 notices a day of an account (`EmailBounds:*`)",
            "429 `too-many-requests`, or no e-mail"),
        new(
            "requests for recovery",
            "a network",
            "none",
            "20 an hour (`EmailBounds:RecoveriesPerHour`)",
            "429 `too-many-requests`"),
    ];
}
