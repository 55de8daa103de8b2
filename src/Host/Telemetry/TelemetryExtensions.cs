using Idoven.Shared.Data.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Idoven.Host.Telemetry;

public static class TelemetryExtensions
{
    private const string LinesPerSecondKey = "Logging:MaxLinesPerSecond";
    private const int DefaultLinesPerSecond = 10;

    /// <summary><c>/metrics</c> in the form that Prometheus reads, on the management port only.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous().ExcludeFromDescription();

    /// <summary>
    /// Adds the console log, limited to <c>Logging:MaxLinesPerSecond</c> lines a second, and traces and metrics, which are sent by OTLP if
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </summary>
    /// <exception cref="ConfigurationException"><c>Logging:MaxLinesPerSecond</c> is negative.</exception>
    /// <exception cref="InvalidOperationException">A setting is no number, or neither true nor false.</exception>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();

        // The framework's line for each request has the query, and the query may have an activation token or an id token.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        if (builder.Environment.IsDevelopment())
        {
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        }
        else
        {
            builder.Logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        }

        var linesPerSecond = builder.Configuration.GetValue(LinesPerSecondKey, DefaultLinesPerSecond);
        if (linesPerSecond < 0)
        {
            throw new ConfigurationException(
                $"{LinesPerSecondKey}: give the most log lines in a second, such as {DefaultLinesPerSecond}, or 0 for no limit.");
        }

        var isTrusted = builder.Configuration.GetValue("Telemetry:TrustTraceparent", false);
        builder.Services.Replace(ServiceDescriptor.Singleton(CallerTraces.Propagator(isTrusted)));

        // The instrumentation would otherwise read the header by itself, and the baggage of strangers with it.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        LimitedConsoleFormatter.AddTo(builder.Services, new LogLimit(linesPerSecond, TimeProvider.System));

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("idoven"))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .AddSource("Idoven.*", "MassTransit")
                .AddNpgsql())
            .WithMetrics(metrics => metrics
                .AddMeter("Idoven.*")
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }
}
