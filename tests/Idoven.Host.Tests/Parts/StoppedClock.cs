namespace Idoven.Host.Tests.Parts;

/// <summary>A clock that shows what the test sets. Timers run as usual, so that the host's background jobs go on.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => Now;
}
