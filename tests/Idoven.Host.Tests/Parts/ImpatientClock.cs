namespace Idoven.Host.Tests.Parts;

/// <summary>
/// A clock on which timers of exactly one duration elapse at once while the test sets it so. Use it for one request at most, because
/// background jobs may wait for the same duration.
/// </summary>
internal sealed class ImpatientClock(TimeSpan wait) : TimeProvider
{
    public bool IsImpatient { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, IsImpatient && dueTime == wait ? TimeSpan.Zero : dueTime, period);
}
