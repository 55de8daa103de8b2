using System.ComponentModel.DataAnnotations;
using Idoven.Identity.Sessions;

namespace Idoven.Identity.SignIn;

/// <summary>The section <c>Guesses</c> of the configuration.</summary>
internal sealed class SignInThrottleOptions
{
    /// <summary>Wrong passwords from one address that cost nothing; one is forgotten every half minute.</summary>
    [Range(1, 1_000_000)]
    public int FreeOfAddress { get; set; } = 20;

    /// <summary>How many times as long as a hash took a long line of passwords then rests, so that a storm of them leaves the processor to uploads.</summary>
    [Range(0, 100)]
    public int RestOfHash { get; set; } = 19;
}

/// <summary>
/// Passwords that were tried, counted on all hosts together: by account, by address, or by a device that its holder signed in on before. And the codes of
/// devices that a person typed.
/// </summary>
internal interface IFailedAttempts
{
    /// <summary>Counts one before it is looked at, so that a hundred at once are a hundred.</summary>
    /// <param name="account">Whose password it is; null for a name that nobody has, which is counted all the same.</param>
    /// <param name="login">The name that was given, normalised.</param>
    Task<FailedAttempt> Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct);

    /// <summary>It was no guess: the account's are forgotten, and the address has one less.</summary>
    Task Forget(FailedAttempt guess, CancellationToken ct);

    /// <summary>Counts a device's code before it is looked for. Nobody finds one by trying: there are 20 to the 8th of them.</summary>
    /// <returns>False where the person typed ten wrong ones; one is forgotten every half minute. It is not counted then.</returns>
    Task<bool> CountUserCode(Guid account, CancellationToken ct);

    /// <summary>There is such a code.</summary>
    Task ForgetUserCode(Guid account, CancellationToken ct);
}

/// <summary>A password that is about to be looked at.</summary>
/// <param name="Keys">What it was counted by, the account or device first.</param>
/// <param name="Delay">How long it waits.</param>
/// <param name="Tried">Passwords in a row at the account or on the device, this one included, less those that time has forgotten.</param>
/// <param name="IsFamiliar">Whether it comes from a device that the account's holder signed in on before.</param>
internal sealed record FailedAttempt(IReadOnlyList<byte[]> Keys, TimeSpan Delay, double Tried, bool IsFamiliar);
