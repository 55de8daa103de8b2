
namespace Idoven.Identity.TwoFactor;

/// <summary>The authenticator app of an account; what the app knows is sealed.</summary>
internal sealed class SecondFactor
{
    private const int FreeTries = 5;
    private const int MostDoublings = 9;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public required Guid AccountId { get; init; }

    public required byte[] Sealed { get; set; }

    /// <summary>When its first code came; null until then: nobody is asked for it yet.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>The step of the last code that counted.</summary>
    public long LastStep { get; private set; }

    /// <summary>How many wrong codes came since the last right one.</summary>
    public int WrongInARow { get; private set; }

    /// <summary>No code of the app counts before; recovery codes do.</summary>
    public DateTimeOffset? NextTryAt { get; private set; }

    /// <summary>
    /// A code counts once. After a few wrong ones in a row the next waits, twice as long each time: there are only a million, and who knows the
    /// password could try them all.
    /// </summary>
    public bool VerifyCode(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        if (now < NextTryAt)
        {
            return false;
        }

        if (Totp.Match(secret, code, now, LastStep) is not { } step)
        {
            WrongInARow++;
            NextTryAt = WrongInARow < FreeTries ? null : now + Wait(WrongInARow - FreeTries);
            return false;
        }

        (LastStep, WrongInARow, NextTryAt) = (step, 0, null);
        ConfirmedAt ??= now;
        return true;
    }

    private static TimeSpan Wait(int more) => more < MostDoublings ? FirstWait * (1 << more) : LongestWait;
}

/// <summary>A code that still counts.</summary>
/// <param name="Hash">SHA-256, base64.</param>
internal sealed record RecoveryCodeRow(Guid AccountId, string Hash);
