using System.Collections.Concurrent;
using Idoven.Shared.Data.Readiness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Idoven.Host.Readiness;

/// <summary>The body of <c>/health/ready</c>.</summary>
/// <param name="Status">
/// <c>Healthy</c>, <c>Degraded</c> (serves requests, but an operator should look) or <c>Unhealthy</c> (send no requests).
/// </param>
/// <param name="Degraded">The reasons for an operator to look; empty if there are none.</param>
/// <param name="Checks">The result of each check, by its name.</param>
internal sealed record ReadinessReport(string Status, IReadOnlyList<string> Degraded, IReadOnlyDictionary<string, string> Checks);

/// <summary>
/// Runs the checks tagged <see cref="ReadinessChecks.Tag"/> in parallel. A check that does not return in time has failed, and is not
/// started again before it returns: a check that hangs delays no response and costs one task.
/// </summary>
internal sealed class HostReadiness(
    IOptions<HealthCheckServiceOptions> options, IEnumerable<IReadinessNotice> notices, Draining draining,
    IServiceScopeFactory scopes, TimeProvider clock)
{
    // The response takes two seconds at most.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.5);

    private readonly HealthCheckRegistration[] checks = [.. options.Value.Registrations.Where(check =>
        check.Tags.Contains(ReadinessChecks.Tag))];
    private readonly IReadinessNotice[] notices = [.. notices];
    private readonly ConcurrentDictionary<string, Lazy<Task<HealthCheckResult>>> running = new();

    public async Task<ReadinessReport> Check()
    {
        var results = await Task.WhenAll(checks.Select(async check => (check.Name, Result: await Run(check))));
        var named = results.ToDictionary(check => check.Name, check => check.Result.Description ?? check.Result.Status.ToString());
        if (draining.IsStarted)
        {
            named["draining"] = "the host is about to stop";
        }

        List<string> degraded =
        [
            .. results.Where(check => check.Result.Status == HealthStatus.Degraded).Select(check => $"{check.Name}: {named[check.Name]}"),
            .. notices.Select(notice => notice.Degraded).OfType<string>(),
        ];
        var status = draining.IsStarted || results.Any(check => check.Result.Status == HealthStatus.Unhealthy) ? HealthStatus.Unhealthy
            : degraded.Count > 0 ? HealthStatus.Degraded
            : HealthStatus.Healthy;
        return new ReadinessReport(status.ToString(), degraded, named);
    }

    private async Task<HealthCheckResult> Run(HealthCheckRegistration check)
    {
        try
        {
            var run = running.GetOrAdd(check.Name, _ => new(() => Task.Run(() => RunOnce(check))));
            return await run.Value.WaitAsync(Limit, clock);
        }
        catch (TimeoutException)
        {
            return new HealthCheckResult(check.FailureStatus, "no response in time");
        }
    }

    private async Task<HealthCheckResult> RunOnce(HealthCheckRegistration check)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await check.Factory(scope.ServiceProvider).CheckHealthAsync(new HealthCheckContext { Registration = check });
        }
        catch (Exception e)
        {
            return new HealthCheckResult(check.FailureStatus, "failed", e);
        }
        finally
        {
            running.TryRemove(check.Name, out _);
        }
    }
}
