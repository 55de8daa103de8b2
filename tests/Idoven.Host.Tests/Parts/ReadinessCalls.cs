using System.Net;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a response of <c>/health/ready</c>.</summary>
internal sealed record ReadinessAnswer(
    HttpStatusCode Code, string Status, IReadOnlyList<string> Degraded, IReadOnlyDictionary<string, string> Checks);

internal static class ReadinessCalls
{
    public static Task<ReadinessAnswer> Readiness(this RunningHost host) => host.Management.Readiness();

    public static async Task<ReadinessAnswer> Readiness(this HttpClient management)
    {
        using var response = await management.GetAsync("/health/ready");
        using var report = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return new ReadinessAnswer(
            response.StatusCode,
            report.RootElement.GetProperty("status").GetString()!,
            [.. report.RootElement.GetProperty("degraded").EnumerateArray().Select(reason => reason.GetString()!)],
            report.RootElement.GetProperty("checks").EnumerateObject().ToDictionary(
                check => check.Name, check => check.Value.GetString()!));
    }
}
