namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>
/// Cancels a token when the thread that created it has used up its time. The clock triggers a check at the earliest possible time. If the
/// thread has used less processor time by then, it is checked again after the remaining time.
/// </summary>
internal sealed class Deadline : IDisposable
{
    /// <summary>The shortest time between two checks.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(10);

    private readonly Lock ending = new();
    private readonly CancellationTokenSource source = new();
    private readonly TimeSpan limit;
    private readonly Func<TimeSpan?>? used;
    private readonly TimeSpan? usedAtStart;
    private readonly ITimer timer;
    private bool isDisposed;

    public Deadline(TimeSpan limit, TimeBudget budget)
    {
        this.limit = limit;
        used = budget.ThreadTime?.Invoke();
        usedAtStart = used?.Invoke();
        timer = budget.Clock.CreateTimer(_ => Check(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (limit <= TimeSpan.Zero)
        {
            source.Cancel();
        }
        else
        {
            timer.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    public CancellationToken Token => source.Token;

    /// <summary>Gets whether the time is used up.</summary>
    public bool IsPassed => source.IsCancellationRequested;

    public void Dispose()
    {
        lock (ending)
        {
            isDisposed = true;
            timer.Dispose();
            source.Dispose();
        }
    }

    private void Check()
    {
        lock (ending)
        {
            if (isDisposed)
            {
                return;
            }

            // Without a measured processor time the wall clock decides, and it has reached the limit.
            var left = usedAtStart is { } start && used!() is { } now ? limit - (now - start) : TimeSpan.Zero;
            if (left <= TimeSpan.Zero)
            {
                source.Cancel();
            }
            else
            {
                timer.Change(left > LeastWait ? left : LeastWait, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
