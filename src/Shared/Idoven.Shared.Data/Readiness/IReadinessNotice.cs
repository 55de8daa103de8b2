namespace Idoven.Shared.Data.Readiness;

/// <summary>
/// A condition that operators should know of while the host can still serve. <c>/health/ready</c> lists the reasons of all registered
/// notices under <c>degraded</c>; none of them makes the host unready.
/// </summary>
public interface IReadinessNotice
{
    /// <summary>
    /// Gets what is wrong now, such as "the backlog of analyses is full"; null if nothing is. Must return at once: no I/O.
    /// </summary>
    string? Degraded { get; }
}
