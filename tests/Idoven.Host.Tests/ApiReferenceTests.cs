using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>Tests the API reference at <c>/docs</c>.</summary>
[Trait("Hosts", "one")]
public sealed partial class ApiReferenceTests(RunningParts parts)
{
    [Fact]
    public async Task The_reference_allows_its_own_scripts_and_this_origin_only()
    {
        var nonces = new HashSet<string>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var response = await parts.Host.Anonymous.GetAsync("/docs");
            var html = await response.Content.ReadAsStringAsync();
            var policy = response.Headers.GetValues("Content-Security-Policy").Single().Split("; ")
                .Select(directive => directive.Split(' ', 2)).ToDictionary(directive => directive[0], directive => directive[1]);
            var nonce = Nonce().Match(policy["script-src"]).Groups["nonce"].Value;

            Assert.Equal(("'none'", "'self'"), (policy["default-src"], policy["connect-src"]));
            Assert.Equal(("'none'", "'none'"), (policy["frame-ancestors"], policy["base-uri"]));
            Assert.Equal($"'self' 'nonce-{nonce}'", policy["script-src"]);
            Assert.All(policy.Values, sources => Assert.DoesNotMatch("[*]|http", sources));
            Assert.NotEmpty(Script().Matches(html));
            Assert.All(Script().Matches(html), script => Assert.Contains($"nonce=\"{nonce}\"", script.Value, StringComparison.Ordinal));
            Assert.True(nonces.Add(nonce), "the nonce came twice");
        }
    }

    [Fact]
    public async Task The_reference_is_configured_without_other_servers()
    {
        var html = await parts.Host.Anonymous.GetStringAsync("/docs");

        Assert.Contains("\"telemetry\":false", html.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotMatch("https?://|scalar[.]com", html);
    }

    [GeneratedRegex("'nonce-(?<nonce>[^']+)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Script();
}
