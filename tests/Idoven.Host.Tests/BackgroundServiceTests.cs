using System.Collections.Concurrent;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Tests;

public sealed class BackgroundServiceTests(RunningParts parts)
{
    // Gauges run every 5 s, all others more often.
    private static readonly TimeSpan TwoRounds = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("53300")]
    [InlineData("57014")]
    [InlineData("42P01")]
    [InlineData("25006")]
    [InlineData("XX000")]
    public async Task Every_background_service_runs_on_while_the_database_rejects_connections_and_the_broker_is_unavailable(string sqlState)
    {
        using var database = new RefusingDatabase(sqlState);
        var configuration = parts.Settings.AsConfiguration().ToDictionary();
        configuration["Broker:Uri"] = $"amqp://guest:guest@127.0.0.1:{FreePort.Take()}/";
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{FreePort.Take()}";
        foreach (var module in HostSettings.Modules)
        {
            configuration[$"ConnectionStrings:{module}"] =
                $"Host=127.0.0.1;Port={database.Port};Database=none;Username={module}_app;Password=x";
        }

        await using var app = Program.Build([.. configuration.Select(pair => $"--{pair.Key}={pair.Value}")]);
        using var log = new FailedJobs();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        Assert.Contains(services, service => service is PeriodicService);
        foreach (var service in services)
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        // Each of these reads the database or the broker at every run.
        string[] failing =
        [
            "broker connection", "issuer keys", .. HostSettings.Modules.Select(module => $"message gauges of {module}"),
            .. HostSettings.Modules.Select(module => $"revocations of {module}"),
        ];
        await Eventually.Holds(() => Task.FromResult(failing.All(log.Names.ContainsKey)), TwoRounds);
        var before = database.Rejected;
        await Eventually.Holds(() => Task.FromResult(database.Rejected >= before + services.Count), TwoRounds);

        Assert.All(services, service => Assert.False(service.ExecuteTask!.IsCompleted, $"{service.GetType()} has ended"));
        await Task.WhenAll(services.Select(service => service.StopAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>Remembers which background jobs have logged a failed run.</summary>
    private sealed class FailedJobs : ILoggerProvider, ILogger
    {
        public ConcurrentDictionary<string, bool> Names { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> values
                && values.FirstOrDefault(value => value.Key == "Job").Value is string job)
            {
                Names[job] = true;
            }
        }

        public void Dispose()
        {
        }
    }
}
