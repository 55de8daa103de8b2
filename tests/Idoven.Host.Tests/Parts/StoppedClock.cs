namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents a clock whose time only the test sets. Its timers run as usual, so that the host's background jobs continue.
/// </summary>
internal sealed class StoppedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => Now;
}
