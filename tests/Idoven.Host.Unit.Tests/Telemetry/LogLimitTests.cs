using Idoven.Host.Telemetry;
using Idoven.Shared.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Host.Unit.Tests.Telemetry;

public sealed class LogLimitTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void At_most_ten_lines_are_written_in_a_second_and_two_of_them_are_reserved_for_errors()
    {
        var formatter = new LimitedConsoleFormatter(new Plain(), new LogLimit(10, clock));

        Assert.Equal(8, Lines(formatter, LogLevel.Warning, 500).Count);
        Assert.Equal(2, Lines(formatter, LogLevel.Error, 500).Count);

        clock.Advance(TimeSpan.FromSeconds(1));
        var next = Lines(formatter, LogLevel.Critical, 500);
        Assert.Equal(10, next.Count);
        Assert.Equal("Warning Idoven.Logging: 990 log lines were suppressed", next[0]);
        Assert.Equal("Critical Test: line 0", next[1]);

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            ["Warning Idoven.Logging: 491 log lines were suppressed", "Information Test: line 0"],
            Lines(formatter, LogLevel.Information, 1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["Information Test: line 0"], Lines(formatter, LogLevel.Information, 1));
    }

    [Fact]
    public void A_flood_of_an_hour_writes_at_most_ten_lines_in_each_second()
    {
        var formatter = new LimitedConsoleFormatter(new Plain(), new LogLimit(10, clock));
        for (var second = 0; second < 3600; second++)
        {
            var lines = Lines(formatter, LogLevel.Warning, 25).Count + Lines(formatter, LogLevel.Error, 25).Count;
            Assert.Equal(10, lines);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void At_most_ten_lines_are_written_in_any_period_of_a_second()
    {
        var formatter = new LimitedConsoleFormatter(new Plain(), new LogLimit(10, clock));
        var written = new Queue<TimeSpan>();
        var random = new Random(1);
        for (var time = TimeSpan.Zero; time < TimeSpan.FromMinutes(1);)
        {
            foreach (var _ in Lines(formatter, (LogLevel)random.Next(2, 5), random.Next(4)))
            {
                written.Enqueue(time);
            }

            while (written.TryPeek(out var first) && time - first >= TimeSpan.FromSeconds(1))
            {
                written.Dequeue();
            }

            Assert.InRange(written.Count, 0, 10);
            var step = TimeSpan.FromMilliseconds(random.Next(150));
            clock.Advance(step);
            time += step;
        }
    }

    [Theory, InlineData(0, 500), InlineData(1, 1), InlineData(2, 1), InlineData(100, 80)]
    public void The_limit_can_be_configured_and_0_means_no_limit(int limit, int expected) =>
        Assert.Equal(
            expected, Lines(new LimitedConsoleFormatter(new Plain(), new LogLimit(limit, clock)), LogLevel.Information, 500).Count);

    [Theory, InlineData("simple"), InlineData("json")]
    public void Formatters_of_the_framework_are_limited(string name)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddConsole());
        LimitedConsoleFormatter.AddTo(services, new LogLimit(5, clock));
        using var provider = services.BuildServiceProvider();
        var formatters = provider.GetServices<ConsoleFormatter>().ToList();
        Assert.All(formatters, formatter => Assert.IsType<LimitedConsoleFormatter>(formatter));

        Assert.Equal(4, Enumerable.Range(0, 50).Count(
            _ => Write(formatters.Single(formatter => formatter.Name == name), LogLevel.Information, "text").Length > 0));
    }

    private static List<string> Lines(ConsoleFormatter formatter, LogLevel level, int count) =>
        [.. Enumerable.Range(
            0, count).SelectMany(i => Write(formatter, level, $"line {i}").Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    private static string Write(ConsoleFormatter formatter, LogLevel level, string text)
    {
        using var writer = new StringWriter();
        formatter.Write(new LogEntry<string>(level, "Test", default, text, null, (state, _) => state), null, writer);
        return writer.ToString();
    }

    private sealed class Plain() : ConsoleFormatter("plain")
    {
        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter) =>
            textWriter.Write($"{logEntry.LogLevel} {logEntry.Category}: {logEntry.Formatter(logEntry.State, logEntry.Exception)}\n");
    }
}
