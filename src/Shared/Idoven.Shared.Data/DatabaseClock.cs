namespace Idoven.Shared.Data;

/// <summary>Returns times with the precision of PostgreSQL (microseconds), so that a response equals a later read.</summary>
internal sealed class DatabaseClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
