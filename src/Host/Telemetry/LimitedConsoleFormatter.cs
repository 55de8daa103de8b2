using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Idoven.Host.Telemetry;

/// <summary>
/// Wraps a console formatter: writes at most as many lines a second as the limit permits, and reports the number of dropped lines.
/// </summary>
internal sealed class LimitedConsoleFormatter(ConsoleFormatter inner, LogLimit limit) : ConsoleFormatter(inner.Name)
{
    private const string Category = "Idoven.Logging";

    /// <summary>Wraps every registered console formatter.</summary>
    public static void AddTo(IServiceCollection services, LogLimit limit)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { ServiceType: var type, ImplementationType: { } formatter } && type == typeof(ConsoleFormatter))
            {
                services[i] = ServiceDescriptor.Singleton(type, provider =>
                    new LimitedConsoleFormatter((ConsoleFormatter)ActivatorUtilities.CreateInstance(provider, formatter), limit));
            }
        }
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var isWritten = limit.TryWrite(logEntry.LogLevel, out var suppressed);
        if (suppressed > 0)
        {
            var report = new LogEntry<int>(
                LogLevel.Warning, Category, eventId: default, suppressed, exception: null, static (
                    count, _) => $"{count} log lines were suppressed");
            inner.Write(in report, scopeProvider: null, textWriter);
        }

        if (isWritten)
        {
            inner.Write(in logEntry, scopeProvider, textWriter);
        }
    }
}
