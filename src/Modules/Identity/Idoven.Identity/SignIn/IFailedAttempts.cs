using System.ComponentModel.DataAnnotations;
using Idoven.Identity.Sessions;

namespace Idoven.Identity.SignIn;

/// <summary>The configuration section <c>Guesses</c>.</summary>
internal sealed class SignInThrottleOptions
{
    /// <summary>
    /// Gets or sets how many failed attempts from an address cause no delay. The count goes down by one every half minute.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FreeOfAddress { get; set; } = 20;

    /// <summary>
    /// Gets or sets how long a long hashing queue pauses after each hash, as a multiple of the time that the hash took. With the default a
    /// flood of sign-ins uses a twentieth of a core.
    /// </summary>
    [Range(0, 100)]
    public int RestOfHash { get; set; } = 19;
}

/// <summary>
/// Counts failed sign-in attempts on all hosts together: by account, by address, and by known device; and failed attempts at the codes of
/// devices.
/// </summary>
internal interface IFailedAttempts
{
    /// <summary>Counts an attempt before it is checked, so that concurrent attempts are all counted.</summary>
    /// <param name="account">The account of the name; null if no account has the name, which is counted all the same.</param>
    /// <param name="login">The normalized name.</param>
    Task<FailedAttempt> Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct);

    /// <summary>
    /// Removes an attempt that succeeded: the count of the account becomes zero, and that of the address goes down by one.
    /// </summary>
    Task Forget(FailedAttempt attempt, CancellationToken ct);

    /// <summary>
    /// Counts an attempt at a device's code before the code is looked up. There are 20 to the power of 8 codes, too many to try.
    /// </summary>
    /// <returns>
    /// False if the user entered ten wrong codes; this attempt is then not counted. The count goes down by one every half minute.
    /// </returns>
    Task<bool> CountUserCode(Guid account, CancellationToken ct);

    /// <summary>Removes an attempt at a device's code that exists.</summary>
    Task ForgetUserCode(Guid account, CancellationToken ct);
}

/// <summary>Represents an attempt that is counted and about to be checked.</summary>
/// <param name="Keys">The keys that it is counted under, the one of the account or device first.</param>
/// <param name="Delay">How long it waits before it is checked.</param>
/// <param name="Tried">The attempts in a row at the account or on the device, including this one, less those that have expired.</param>
/// <param name="IsKnownDevice">Whether it comes from a device that the account's holder signed in on before.</param>
internal sealed record FailedAttempt(IReadOnlyList<byte[]> Keys, TimeSpan Delay, double Tried, bool IsKnownDevice);
