using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>
/// Runs Chromium on a page of another origin, which signs a user in, uploads and reads, and on the API reference: <c>tests/browser</c>.
/// </summary>
[Trait("Hosts", "one")]
public sealed class BrowserProofTests(RunningParts parts)
{
    private const string Folder = "browser";
    private const string Chromium = "/usr/bin/chromium";
    private const string Scope = "openid profile offline_access ecgs:read ecgs:write";

    [Fact]
    public async Task Page_of_another_origin_signs_in_uploads_and_reads_and_the_reference_calls_only_its_origin()
    {
        NodeProof.SkipIfMissing(Folder, Chromium);
        await using var host = await RunningHost.StartAtItsIssuer(parts.Settings);
        int[] pages = [FreePort.Take(), FreePort.Take()];
        var person = await parts.Host.NewPerson();

        var printed = await NodeProof.Run(Folder, new
        {
            issuer = host.Address.AbsoluteUri,
            clientId = await Register($"http://localhost:{pages[0]}/signed-in"),
            scope = Scope,
            person = new { username = person.Username, password = TestUser.Password },
            pages,
            chromium = Chromium,
        });

        Assert.Contains("\n14 steps, 0 failed", printed, StringComparison.Ordinal);
    }

    private async Task<string> Register(string redirectUri)
    {
        using var admin = await parts.Host.Admin();
        using var response = await admin.PostAsync(TestClients.Route, JsonContent.Create(new Dictionary<string, object>
        {
            ["name"] = "An application in a browser",
            ["scopes"] = Scope.Split(' ').Where(scope => !scope.StartsWith("ecgs:", StringComparison.Ordinal)),
            ["redirectUris"] = new[] { redirectUri },
            ["public"] = true,
        }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).ClientId();
        await parts.Host.Grant(id, "ecgs:read", "ecgs:write");
        return id;
    }
}
