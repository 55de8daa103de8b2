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

    /// <summary>Maps <c>/metrics</c> in the format of Prometheus, on the management port only.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous().ExcludeFromDescription();

    /// <summary>
    /// Adds the console log, limited to <c>Logging:MaxLinesPerSecond</c> lines a second, and traces and metrics, which are sent by OTLP if
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </summary>
    /// <exception cref="ConfigurationException"><c>Logging:MaxLinesPerSecond</c> is negative.</exception>
    /// <exception cref="InvalidOperationException">A setting is not a number, or is neither true nor false.</exception>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();

        // The framework logs the query of each request, which can contain an activation token or an id token.
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

        // Otherwise the instrumentation reads the header, and the baggage of callers that are not authenticated.
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
