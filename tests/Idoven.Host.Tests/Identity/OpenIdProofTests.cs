using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Runs every flow with a certified third-party client, and the same against a third-party server: <c>tests/openid</c>.</summary>
[Trait("Hosts", "one")]
public sealed class OpenIdProofTests(RunningParts parts)
{
    private const string RedirectUri = "http://127.0.0.1:7890/callback";
    private const string SignedOutUri = "http://127.0.0.1:7890/over";

    [Fact]
    public async Task Openid_client_runs_every_flow_except_for_documented_differences()
    {
        NodeProof.SkipIfMissing("openid");
        await using var host = await RunningHost.StartAtItsIssuer(parts.Settings);

        var said = await NodeProof.Run("openid", await Describe(host.Address.AbsoluteUri));

        Assert.Matches(@"\n[3-9]\d steps, 0 unexplained", said);
    }

    /// <summary>Registers a user and a client of each kind, as their administrator and their operator do.</summary>
    private async Task<object> Describe(string issuer)
    {
        using var admin = await parts.Host.Admin();
        var person = await parts.Host.NewPerson();
        var machine = await admin.NewClient("ecgs:read");
        var signing = await admin.NewSigningClient("ES256");
        var app = await Register(
            new
            {
                name = "app",
                scopes = "openid profile offline_access".Split(' '),
                redirectUris = new[] { RedirectUri },
                postLogoutRedirectUris = new[] { SignedOutUri },
            });
        var device = await Register(
            new { name = "device", scopes = "openid offline_access".Split(' '), deviceFlow = true, @public = true });
        using var printed = new StringWriter();
        await IdentityModule.RunClientVerb(
            parts.Host.Services,
            ["register", "asker", "introspection"],
            TextReader.Null,
            printed,
            TextWriter.Null,
            TestContext.Current.CancellationToken);
        var asker = printed.ToString()
            .Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Take(2)
            .Select(pair => pair[1])
            .ToArray();
        var key = ((ECDsaSecurityKey)signing.Key).ECDsa.ExportParameters(includePrivateParameters: true);
        return new
        {
            issuer,
            person = new { username = person.Username, password = TestUser.Password },
            notGranted = "ecgs:write",
            machine = new { id = machine.Id, secret = machine.Secret, scope = "ecgs:read" },
            signing = new { id = signing.Id, scope = "ecgs:read", privateJwk = Jwk(key) },
            app = new
            {
                id = app.Id,
                secret = app.Secret,
                redirectUri = RedirectUri,
                postLogoutRedirectUri = SignedOutUri,
                scope = "openid profile offline_access ecgs:read",
            },
            device = new { id = device.Id, scope = "openid offline_access ecgs:read" },
            asker = new { id = asker[0], secret = asker[1] },
        };

        static Dictionary<string, string> Jwk(ECParameters key) => new()
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64UrlEncoder.Encode(key.Q.X!),
            ["y"] = Base64UrlEncoder.Encode(key.Q.Y!),
            ["d"] = Base64UrlEncoder.Encode(key.D!),
        };

        async Task<(string Id, string? Secret)> Register(object client)
        {
            using var response = await admin.PostAsync(TestClients.Route, JsonContent.Create(client));
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).ClientId();
            return (id, await parts.Host.Grant(id, "ecgs:read"));
        }
    }
}
