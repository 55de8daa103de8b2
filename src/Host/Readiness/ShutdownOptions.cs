using System.ComponentModel.DataAnnotations;

namespace Idoven.Host.Readiness;

/// <summary>How a host stops: section <c>Host</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Host";

    /// <summary>
    /// How long the host still accepts requests after SIGTERM while <c>/health/ready</c> answers 503. Longer than a load balancer needs to notice.
    /// Null: five seconds, and none in Development.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan? Drain { get; set; }

    /// <summary>How long requests in flight may take after the listener has closed; what is left is cut off.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ShutdownLimit { get; set; } = TimeSpan.FromSeconds(30);
}
