using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

public sealed class HealthTests(RunningParts parts)
{
    [Fact]
    public async Task Readiness_names_every_part_on_the_management_port()
    {
        var report = await parts.Host.Management.GetFromJsonAsync<JsonElement>("/health/ready");

        Assert.Equal("Healthy", report.GetProperty("status").GetString());
        Assert.Superset(
            new HashSet<string> { "database-ecgs", "database-users", "database-identity", "broker" },
            report.GetProperty("checks").EnumerateObject().Select(check => check.Name).ToHashSet());
        Assert.Equal(HttpStatusCode.OK, (await parts.Host.Management.GetAsync("/health/live")).StatusCode);
    }

    [Theory, InlineData("/health/ready"), InlineData("/health/live")]
    public async Task Health_is_not_on_the_public_port(string path) =>
        await (await parts.Host.Anonymous.GetAsync(path)).Problem(HttpStatusCode.NotFound);

    [Theory, InlineData("/api/v1/ecgs"), InlineData("/.well-known/openid-configuration"), InlineData("/docs")]
    public async Task The_api_is_not_on_the_management_port(string path) =>
        await (await parts.Host.Management.GetAsync(path)).Problem(HttpStatusCode.NotFound);
}
