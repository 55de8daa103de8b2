using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests which clients may introspect a token (RFC 7662) and what the response contains.</summary>
public sealed class IntrospectionTests(RunningParts parts)
{
    [Fact]
    public async Task Client_granted_introspection_on_the_host_gets_subject_and_scopes_of_a_token()
    {
        var asker = await NewAsker();
        var person = await parts.Host.NewPerson();
        var token = (await parts.Host.Token(person)).AccessToken;

        var response = await Ask(asker, token);

        Assert.Equal(
            ["active", "aud", "client_id", "exp", "iat", "iss", "jti", "nbf", "role", "scope", "sub", "token_type"],
            response.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.True(response.GetProperty("active").GetBoolean());
        Assert.Equal(
            (person.Id.ToString(), "user", "idoven-cli", parts.Settings.Issuer),
            (Text("sub"), Text("role"), Text("client_id"), Text("iss")));
        Assert.Equal(person.Scopes.Split(' ').Order(StringComparer.Ordinal), Text("scope")!.Split(' ').Order(StringComparer.Ordinal));
        var expires = DateTimeOffset.FromUnixTimeSeconds(response.GetProperty("exp").GetInt64()).UtcDateTime;
        Assert.Equal(new JsonWebToken(token).ValidTo, expires);
        Assert.DoesNotContain(person.Username, response.GetRawText(), StringComparison.Ordinal);

        string? Text(string name) => response.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Introspection_rejects_every_other_caller()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read");
        var app = await parts.Host.NewApp();
        var token = await parts.Host.MachineToken(id, secret, "ecgs:read");

        foreach (var (form, status, error) in new[]
        {
            (
                new Dictionary<string, string> { ["client_id"] = id, ["client_secret"] = secret },
                HttpStatusCode.BadRequest, "unauthorized_client"),
            (new() { ["client_id"] = app.Id }, HttpStatusCode.BadRequest, "unauthorized_client"),
            (new() { ["client_id"] = id, ["client_secret"] = "wrong" }, HttpStatusCode.Unauthorized, "invalid_client"),
            (
                new() { ["client_id"] = Guid.NewGuid().ToString(), ["client_secret"] = "wrong" },
                HttpStatusCode.Unauthorized, "invalid_client"),
        })
        {
            form["token"] = token;
            using var response = await parts.Host.Anonymous.PostAsync("/connect/introspect", new FormUrlEncodedContent(form));
            Assert.Equal(
                (status, error),
                (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()));
        }

        Assert.Equal(
            "/scopes/0", await admin.PostAsync(TestClients.Route, TestUsers.Json("""{"name":"a","scopes":["introspection"]}""")).Pointer());
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, secret, "introspection"));
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("refresh token")]
    [InlineData("id token")]
    [InlineData("code")]
    [InlineData("session ended")]
    [InlineData("signed out everywhere")]
    [InlineData("user disabled")]
    [InlineData("user deleted")]
    [InlineData("client disabled")]
    [InlineData("client deleted")]
    [InlineData("revoked")]
    [InlineData("altered")]
    public async Task Invalid_or_revoked_token_is_inactive_without_further_members(string what)
    {
        var (asker, app, person) = (await NewAsker(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var admin = await parts.Host.Superadmin();
        using var browser = new Browser(parts.Host);
        var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;
        if (what == "code")
        {
            Assert.Equal("""{"active":false}""", (await Ask(asker, code)).GetRawText());
            return;
        }

        var tokens = await parts.Host.Redeem(app, code);
        using var self = parts.Host.Client(tokens.AccessToken);
        var token = what switch
        {
            "not a token" => "nothing",
            "refresh token" => tokens.RefreshToken,
            "id token" => tokens.IdToken,
            "altered" => $"{tokens.AccessToken[..^4]}AAAA",
            _ => tokens.AccessToken,
        };
        if (token == tokens.AccessToken)
        {
            Assert.True((await Ask(asker, token)).GetProperty("active").GetBoolean());
            using var done = what switch
            {
                "session ended" => await self.DeleteAsync($"/account/sessions/{new JsonWebToken(token).GetClaim("sid").Value}"),
                "signed out everywhere" => await self.DeleteAsync("/account/sessions"),
                "user disabled" => await admin.Patch(person.Id, """{"enabled":false}"""),
                "user deleted" => await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}"),
                "client disabled" => await admin.PatchClient(app.Id, """{"enabled":false}"""),
                "client deleted" => await admin.DeleteAsync($"{TestClients.Route}/{app.Id}"),
                _ => await parts.Host.Anonymous.PostAsync(
                    "/connect/revoke", new FormUrlEncodedContent(app.Client(new() { ["token"] = token }))),
            };
            Assert.True(done.IsSuccessStatusCode);
        }

        // Changes in the Users module reach Identity by a message.
        await Eventually.Holds(async () => (await Ask(asker, token)).GetRawText() == """{"active":false}""");
    }

    /// <summary>Registers a client on the host, as the operator does.</summary>
    private async Task<(string Id, string Secret)> NewAsker()
    {
        using var printed = new StringWriter();
        var exitCode = await IdentityModule.RunClientVerb(
            parts.Host.Services, ["register", "A service that is given tokens", "introspection"], TextReader.Null, printed, TextWriter.Null,
            TestContext.Current.CancellationToken);
        Assert.Equal(0, exitCode);
        var lines = printed.ToString()
            .Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Take(2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return (lines["id"], lines["secret"]);
    }

    private async Task<JsonElement> Ask((string Id, string Secret) asker, string token)
    {
        using var response = await parts.Host.Anonymous.PostAsync(
            "/connect/introspect", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["client_id"] = asker.Id,
                ["client_secret"] = asker.Secret,
                ["token"] = token,
            }));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        return JsonElement.Parse(JsonSerializer.Serialize(await response.Content.ReadFromJsonAsync<JsonElement>()));
    }
}
