using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>Runs <c>docs/requests.http</c>, the first thing that an integrator tries.</summary>
[Trait("Hosts", "one")]
public sealed class RequestsTests(RunningParts parts)
{
    private static string Text => File.ReadAllText(Path.Combine(Repository.Root, "docs", "requests.http"));

    [Fact]
    public async Task Requests_file_runs_from_top_to_bottom()
    {
        var wrong = await new HttpFile(Text).Run(parts.Host.Anonymous, parts.Host.Address.ToString().TrimEnd('/'));

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Unexpected_status_is_reported()
    {
        var file = new HttpFile("### Wrong\n# expect 200\nGET {{host}}/api/v1/ecgs\n");

        Assert.Contains(
            "401 instead of 200", Assert.Single(await file.Run(parts.Host.Anonymous, parts.Host.Address.ToString().TrimEnd('/'))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_file_contains_every_documented_operation()
    {
        var contract = await ApiContract.Read(parts.Host);
        var steps = new HttpFile(Text).Steps;

        Assert.Empty(Missing(contract.Operations, steps));
        Assert.Equal(
            ["DeleteEcg"],
            Missing(
                contract.Operations,
                steps.Where(step => step.Method != "DELETE" || !step.Address.Contains("uploaded", StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Missing(IEnumerable<Operation> operations, IEnumerable<HttpStep> steps) =>
        from operation in operations
        where !steps.Any(step => step.Method == operation.Method.Method && Matches(step.Address, operation.Path))
        select operation.Id;

    /// <summary>Returns whether an address matches a route template. The Location header is the address of an ECG.</summary>
    private static bool Matches(string address, string template)
    {
        var path = address.Replace("{{host}}", "", StringComparison.Ordinal)
            .Replace("{{uploaded.response.headers.Location}}", "/api/v1/ecgs/{{x}}", StringComparison.Ordinal).Split('?')[0];
        var pattern = Regex.Escape(template).Replace(@"\{id}", @"(\{\{[^/]*}}|[0-9a-f-]{36})", StringComparison.Ordinal);
        return Regex.IsMatch(path, $"^{pattern}$");
    }
}
