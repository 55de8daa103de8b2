using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Shared.Data.Readiness;

/// <summary>Registers the checks that <c>/health/ready</c> runs.</summary>
public static class ReadinessChecks
{
    /// <summary>The tag of these checks.</summary>
    public const string Tag = "ready";

    /// <summary>Adds a check whose failure makes the host unready.</summary>
    public static void AddReadyCheck<TCheck>(this IServiceCollection services, string name)
        where TCheck : class, IHealthCheck => services.AddHealthChecks().AddCheck<TCheck>(name, HealthStatus.Unhealthy, [Tag]);

    /// <summary>Adds a check whose failure is listed under <c>degraded</c> while the host stays ready.</summary>
    public static void AddDegradedCheck<TCheck>(this IServiceCollection services, string name)
        where TCheck : class, IHealthCheck => services.AddHealthChecks().AddCheck<TCheck>(name, HealthStatus.Degraded, [Tag]);
}
