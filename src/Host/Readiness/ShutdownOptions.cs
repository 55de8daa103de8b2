using System.ComponentModel.DataAnnotations;

namespace Idoven.Host.Readiness;

/// <summary>The section <c>Host</c>: the shutdown.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Host";

    /// <summary>
    /// The time after SIGTERM in which the host still accepts requests while <c>/health/ready</c> returns 503. It must be longer than a
    /// load balancer needs to notice. Null: five seconds, and none in Development.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan? Drain { get; set; }

    /// <summary>The time that requests in progress have after the listener has closed. Then they are aborted.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ShutdownLimit { get; set; } = TimeSpan.FromSeconds(30);
}
