using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Readiness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Idoven.Host.Readiness;

public static class ReadinessExtensions
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(5);

    /// <summary>Adds the state that <c>/health/ready</c> reports, and the drain before the host stops.</summary>
    /// <exception cref="ConfigurationException">A setting of the section <c>Host</c> is unknown or out of range.</exception>
    internal static void AddReadiness(this IHostApplicationBuilder builder)
    {
        var shutdown = builder.Configuration.Read<ShutdownOptions>(ShutdownOptions.Section);
        var drain = shutdown.Drain ?? (builder.Environment.IsDevelopment() ? TimeSpan.Zero : DefaultDrain);
        builder.Services.AddSingleton<Draining>();
        builder.Services.AddSingleton<HostReadiness>();
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<DrainBeforeStop>(services, drain));

        // The limit of the framework includes the drain.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = drain + shutdown.ShutdownLimit);
    }

    /// <summary>
    /// Maps <c>/health/live</c> (the process responds) and <c>/health/ready</c> (send it requests), which are on the management port only.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => new { status = nameof(HealthStatus.Healthy) }).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", async (HostReadiness readiness) =>
        {
            var report = await readiness.Check();
            var status = report.Status == nameof(HealthStatus.Unhealthy)
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK;
            return Results.Json(report, statusCode: status);
        }).AllowAnonymous().ExcludeFromDescription();
    }
}
