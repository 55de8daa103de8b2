using System.Diagnostics;
using Idoven.Host.Readiness;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Host.Unit.Tests.Readiness;

/// <summary>Tests the response of <c>/health/ready</c> for results of checks and for notices.</summary>
public sealed class HostReadinessTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, HealthStatus.Healthy, "Healthy")]
    [InlineData(HealthStatus.Healthy, HealthStatus.Degraded, "Degraded")]
    [InlineData(HealthStatus.Unhealthy, HealthStatus.Degraded, "Unhealthy")]
    [InlineData(HealthStatus.Unhealthy, HealthStatus.Healthy, "Unhealthy")]
    public async Task The_worst_check_decides_and_degraded_ones_are_named(HealthStatus database, HealthStatus broker, string expected)
    {
        await using var services = Services(("database", Check(database, "d")), ("broker", Check(broker, "b")));

        var report = await services.GetRequiredService<HostReadiness>().Check();

        Assert.Equal(expected, report.Status);
        Assert.Equal(broker == HealthStatus.Degraded ? ["broker: b"] : [], report.Degraded);
        Assert.Equal(new Dictionary<string, string> { ["database"] = "d", ["broker"] = "b" }, report.Checks);
    }

    [Fact]
    public async Task A_notice_is_listed_while_it_has_a_reason()
    {
        var notice = new Notice();
        await using var services = Services(notice, ("database", Check(HealthStatus.Healthy, "d")));
        var readiness = services.GetRequiredService<HostReadiness>();
        Assert.Equal("Healthy", (await readiness.Check()).Status);

        notice.Degraded = "the backlog of analyses is full";

        var report = await readiness.Check();
        Assert.Equal("Degraded", report.Status);
        Assert.Equal(["the backlog of analyses is full"], report.Degraded);
    }

    [Theory]
    [InlineData("database", "Unhealthy")]
    [InlineData("broker", "Degraded")]
    public async Task A_hanging_check_fails_within_two_seconds_and_is_not_started_again(string hanging, string expected)
    {
        var (started, end) = (0, new TaskCompletionSource<HealthCheckResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var services = Services(
            (hanging, () =>
            {
                Interlocked.Increment(ref started);
                return end.Task;
            }
        ),
            ("other", Check(HealthStatus.Healthy, "o")));
        var readiness = services.GetRequiredService<HostReadiness>();
        var since = Stopwatch.GetTimestamp();

        var reports = await Task.WhenAll(readiness.Check(), readiness.Check());

        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(4), "the promise is two seconds; a busy machine gets two more");
        Assert.All(reports, report => Assert.Equal(
            (expected, "no response in time", "o"), (report.Status, report.Checks[hanging], report.Checks["other"])));
        Assert.Equal(1, started);
        end.SetResult(HealthCheckResult.Healthy());
        Assert.Equal("Healthy", (await readiness.Check()).Status);
    }

    [Fact]
    public async Task A_check_that_throws_fails()
    {
        await using var services = Services(("database", () => throw new InvalidOperationException("secret")));

        var report = await services.GetRequiredService<HostReadiness>().Check();

        Assert.Equal(("Unhealthy", "failed"), (report.Status, report.Checks["database"]));
    }

    [Fact]
    public async Task A_draining_host_is_not_ready()
    {
        await using var services = Services(("database", Check(HealthStatus.Healthy, "d")));
        services.GetRequiredService<Draining>().Start();

        var report = await services.GetRequiredService<HostReadiness>().Check();

        Assert.Equal("Unhealthy", report.Status);
        Assert.Contains("draining", report.Checks);
    }

    private static Func<Task<HealthCheckResult>> Check(HealthStatus status, string description) =>
        () => Task.FromResult(new HealthCheckResult(status, description));

    private static ServiceProvider Services(params (string Name, Func<Task<HealthCheckResult>> Check)[] checks) =>
        Services(new Notice(), checks);

    private static ServiceProvider Services(IReadinessNotice notice, params (string Name, Func<Task<HealthCheckResult>> Check)[] checks)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System).AddSingleton<Draining>().AddSingleton<HostReadiness>().AddSingleton(notice);
        foreach (var (name, check) in checks)
        {
            var failure = name == "database" ? HealthStatus.Unhealthy : HealthStatus.Degraded;
            services.AddHealthChecks().AddAsyncCheck(name, check, tags: [ReadinessChecks.Tag], timeout: null);
            services.Configure<HealthCheckServiceOptions>(
                options => options.Registrations.Single(check => check.Name == name).FailureStatus = failure);
        }

        return services.BuildServiceProvider();
    }

    private sealed class Notice : IReadinessNotice
    {
        public string? Degraded { get; set; }
    }
}
