namespace Idoven.Host.Tests.Parts;

/// <summary>
/// A clock by which one kind of wait is over at once while the test is impatient: timers that are due after exactly that time. Not for longer than a
/// request, because background jobs may wait as long.
/// </summary>
internal sealed class ImpatientClock(TimeSpan wait) : TimeProvider
{
    public bool IsImpatient { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, IsImpatient && dueTime == wait ? TimeSpan.Zero : dueTime, period);
}
