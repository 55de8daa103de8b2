namespace Idoven.Identity.SignIn;

/// <summary>
/// How long a password waits before it is looked at. Guessing costs time and never more: however often an account was guessed at, whoever knows its
/// password gets in after <see cref="Longest"/>, so nobody can be locked out by it.
/// </summary>
internal static class FailedAttemptDelay
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    // A person mistypes a few times.
    private const int FreeOfAccount = 4;
    private const double DoublesEachOfAddress = 5;

    /// <param name="ofAccount">Guesses at the account, this one included, less those that time has forgotten.</param>
    /// <param name="ofAddress">The same from the address, whomever they were at.</param>
    /// <param name="freeOfAddress">How many of them cost nothing: behind one address may be a whole hospital.</param>
    public static TimeSpan For(double ofAccount, double ofAddress, int freeOfAddress)
    {
        var (account, address) = (ofAccount - FreeOfAccount, (ofAddress - freeOfAddress) / DoublesEachOfAddress);
        var steps = Math.Max(account, address);
        return steps <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(2, Math.Max(0, steps - 1))));
    }
}
