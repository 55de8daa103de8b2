using Idoven.Shared.Web.Authorization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Shared.Web.Revocation;

/// <summary>Records whether this host knows the revoked tokens.</summary>
internal sealed class RevocationState(TimeProvider clock)
{
    /// <summary>
    /// How long a revocation is kept: every token that was issued before it has expired after this time, whatever the setting of its
    /// lifetime. The minute covers clocks that differ, and the tolerance of the token validation.
    /// </summary>
    public static readonly TimeSpan Retention = AccessTokenLifetime.Longest + TimeSpan.FromMinutes(1);

    /// <summary>The maximum age of the last read of the table.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly long started = clock.GetTimestamp();
    private long lastRead;
    private volatile bool isRead;
    private volatile bool isCaughtUp;

    /// <summary>Gets whether the queue was seen empty, and its messages read from the table, since the host started.</summary>
    public bool IsCaughtUp => isCaughtUp;

    /// <summary>Records that the table was read.</summary>
    public void Read()
    {
        Volatile.Write(ref lastRead, clock.GetTimestamp());
        isRead = true;
    }

    /// <summary>Records that all revocations before the start of the host have been read.</summary>
    public void CatchUp() => isCaughtUp = true;

    /// <summary>
    /// Returns unhealthy until the revocations are known or no earlier token is left, and degraded while they may be incomplete.
    /// </summary>
    public HealthCheckResult Check()
    {
        if (!isRead)
        {
            return HealthCheckResult.Unhealthy("not read yet");
        }

        if (!isCaughtUp && clock.GetElapsedTime(started) < Retention)
        {
            return HealthCheckResult.Unhealthy("catching up");
        }

        if (clock.GetElapsedTime(Volatile.Read(ref lastRead)) is var age && age > MaxAge)
        {
            return HealthCheckResult.Degraded($"behind: last read {age.TotalSeconds:0} s ago");
        }

        return isCaughtUp ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("behind: messages in the queue are not read yet");
    }
}
