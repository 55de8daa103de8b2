namespace Idoven.Shared.Data;

/// <summary>The time to the microsecond, as PostgreSQL keeps it: what is answered at once equals what is read later.</summary>
internal sealed class DatabaseClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
