namespace Idoven.Shared.Data.Jobs;

/// <summary>Limits how often a repeated failure is logged: once a minute. All members are thread-safe.</summary>
public sealed class ThrottledLog(TimeProvider clock)
{
    /// <summary>The shortest time between two log lines.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private long? loggedAt;

    /// <summary>Returns whether a line may be written now; if so, the next one may be written after <see cref="Interval"/>.</summary>
    public bool TryEnter()
    {
        lock (sync)
        {
            if (loggedAt is { } last && clock.GetElapsedTime(last) < Interval)
            {
                return false;
            }

            loggedAt = clock.GetTimestamp();
            return true;
        }
    }
}
