namespace Idoven.Identity.SignIn;

/// <summary>
/// Computes how long a password waits before it is checked. Failed attempts cost time and never lock an account: after any number of them,
/// a user with the right password signs in after at most <see cref="Longest"/>.
/// </summary>
internal static class FailedAttemptDelay
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    // A user may mistype a few times.
    private const int FreeOfAccount = 4;
    private const double AttemptsPerDoublingOfAddress = 5;

    /// <param name="ofAccount">The attempts at the account, including this one, less those that have expired.</param>
    /// <param name="ofAddress">The attempts from the address at all accounts, counted in the same way.</param>
    /// <param name="freeOfAddress">
    /// The number of attempts from an address that cause no delay: one address may be that of a whole hospital.
    /// </param>
    public static TimeSpan For(double ofAccount, double ofAddress, int freeOfAddress)
    {
        var (account, address) = (ofAccount - FreeOfAccount, (ofAddress - freeOfAddress) / AttemptsPerDoublingOfAddress);
        var steps = Math.Max(account, address);
        return steps <= 0
            ? TimeSpan.Zero
            : TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(2, Math.Max(0, steps - 1))));
    }
}
