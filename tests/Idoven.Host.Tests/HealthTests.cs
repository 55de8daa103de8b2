using System.Net;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

public sealed class HealthTests(RunningParts parts)
{
    [Fact, Trait("Hosts", "one")]
    public async Task Readiness_names_every_part_on_the_management_port()
    {
        await Eventually.Holds(async () => (await parts.Host.Readiness()).Status == "Healthy");
        var report = await parts.Host.Readiness();

        Assert.Equal(HttpStatusCode.OK, report.Code);
        Assert.Superset(
            HostSettings.Modules.SelectMany(module => new[] { $"database-{module}", $"relay-{module}", $"revocations-{module}" })
                .Append("broker").Append("consumers").Append("issuer-keys").ToHashSet(),
            report.Checks.Keys.ToHashSet());
        Assert.Equal(HttpStatusCode.OK, (await parts.Host.Management.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task Metrics_report_queues_and_work_and_contain_no_identity()
    {
        using var owner = await parts.Host.NewOwner();
        await owner.EndStatus(await owner.Submit());

        var metrics = await Eventually.Finds(async () =>
        {
            var text = await parts.Host.Management.GetStringAsync("/metrics");
            return text.Contains("bus_error_messages", StringComparison.Ordinal)
                && text.Contains("outbox_pending", StringComparison.Ordinal)
                ? text
                : null;
        });

        Assert.Matches("(?m)^bus_error_messages(\\{.*\\})? 0", metrics);
        Assert.Matches("(?m)^outbox_pending\\{.*module=\"ecgs\".*\\} ", metrics);
        Assert.Matches("(?m)^outbox_oldest_seconds\\{", metrics);
        Assert.Matches("(?m)^parked\\{", metrics);
        Assert.Matches("(?m)^ecgs_processed_total\\{.*outcome=\"processed\".*\\} [1-9]", metrics);
        Assert.Matches("(?m)^ecg_processing_seconds_count\\{.*\\} [1-9]", metrics);

        // No label has an id except that of this run of the host: each id would create a new time series.
        Assert.DoesNotContain(
            metrics.Split('\n'),
            line =>
                !line.StartsWith("target_info", StringComparison.Ordinal)
                    && Regex.IsMatch(line, "[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"));
    }

    [Fact]
    public async Task Health_command_queries_the_local_host()
    {
        Assert.Equal(0, await Program.Main(["health", $"--Management:Port={parts.Host.Management.BaseAddress!.Port}"]));
        Assert.Equal(
            0,
            await Program.Main(["health", $"--Management:Port={parts.Host.Management.BaseAddress!.Port}", "--Management:Address=0.0.0.0"]));
        Assert.Equal(69, await Program.Main(["health", $"--Management:Port={FreePort.Take()}"]));
    }

    [Theory, InlineData("/health/ready"), InlineData("/health/live"), InlineData("/metrics")]
    public async Task Health_is_not_on_the_public_port(string path) =>
        await (await parts.Host.Anonymous.GetAsync(path)).Problem(HttpStatusCode.NotFound);

    [Theory, InlineData("/api/v1/ecgs"), InlineData("/.well-known/openid-configuration"), InlineData("/docs")]
    public async Task The_api_is_not_on_the_management_port(string path) =>
        await (await parts.Host.Management.GetAsync(path)).Problem(HttpStatusCode.NotFound);
}
