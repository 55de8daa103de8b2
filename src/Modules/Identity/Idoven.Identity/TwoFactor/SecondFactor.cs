namespace Idoven.Identity.TwoFactor;

/// <summary>Represents the authenticator app of an account. The secret is encrypted.</summary>
internal sealed class SecondFactor
{
    private const int AttemptsWithoutDelay = 5;
    private const int MaxDoublings = 9;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    public required Guid AccountId { get; init; }

    public required byte[] Sealed { get; set; }

    /// <summary>Gets when the first code was confirmed; null until then, while sign-ins do not require a code yet.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>Gets the time step of the last code that was accepted.</summary>
    public long LastStep { get; private set; }

    /// <summary>Gets how many wrong codes were entered since the last right one.</summary>
    public int WrongInARow { get; private set; }

    /// <summary>
    /// Gets the time before which no code of the app is accepted; null if there is none. Recovery codes are always accepted.
    /// </summary>
    public DateTimeOffset? NextTryAt { get; private set; }

    /// <summary>
    /// Verifies a code, which is valid once. After five wrong codes in a row the next one is accepted only after a delay, which doubles
    /// each time: there are only a million codes, and an attacker with the password could try them all.
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
            NextTryAt = WrongInARow < AttemptsWithoutDelay ? null : now + GetDelay(WrongInARow - AttemptsWithoutDelay);
            return false;
        }

        (LastStep, WrongInARow, NextTryAt) = (step, 0, null);
        ConfirmedAt ??= now;
        return true;
    }

    private static TimeSpan GetDelay(int doublings) => doublings < MaxDoublings ? FirstDelay * (1 << doublings) : MaxDelay;
}

/// <summary>Represents a recovery code that is still valid.</summary>
/// <param name="Hash">The SHA-256 hash of the code in base64.</param>
internal sealed record RecoveryCodeRow(Guid AccountId, string Hash);
