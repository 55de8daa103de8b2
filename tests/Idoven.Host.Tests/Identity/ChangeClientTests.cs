using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;

namespace Idoven.Host.Tests.Identity;

public sealed class ChangeClientTests(RunningParts parts)
{
    private const string Route = TestClients.Route;

    [Fact]
    public async Task Machine_client_gets_no_token_while_it_is_disabled()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read");
        using var before = parts.Host.Client(await parts.Host.MachineToken(id, secret, "ecgs:read"));
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync(EcgCalls.Route)).StatusCode);

        await Change(admin, id, """{"enabled":false}""");
        Assert.False((await admin.GetFromJsonAsync<JsonElement>($"{Route}/{id}")).GetProperty("enabled").GetBoolean());
        Assert.Contains(
            "The client's credentials are not valid.",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, secret, "ecgs:read"))).Message,
            StringComparison.Ordinal);
        await Eventually.Holds(async () => (await before.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        await Change(admin, id, """{"enabled":true}""");

        using var after = parts.Host.Client(await parts.Host.MachineToken(id, secret, "ecgs:read"));
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await before.GetAsync(EcgCalls.Route)).StatusCode);
    }

    [Fact]
    public async Task Disabling_an_application_revokes_its_tokens_and_leaves_its_users_signed_in_elsewhere()
    {
        using var admin = await parts.Host.Admin();
        var (app, other, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var beside = await parts.Host.Redeem(other, (await browser.Press(await browser.Get(other.Authorize()), "allow")).Sent("code")!);
        var code = (await browser.Get(app.Authorize())).Sent("code")!;

        await Change(admin, app.Id, """{"enabled":false}""");
        Assert.Equal("invalid_client", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("This link does not work", (await browser.Get(app.Authorize())).Heading);
        foreach (var route in new[] { EcgCalls.Route, "/account/sessions", "/connect/userinfo", $"{TestUsers.Route}/me" })
        {
            await Eventually.Holds(async () => await Status(tokens, route) == HttpStatusCode.Unauthorized);
            Assert.Equal(HttpStatusCode.OK, await Status(beside, route));
        }

        await Change(admin, app.Id, """{"enabled":true}""");

        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));
        var again = await parts.Host.Redeem(app, (await browser.Get(app.Authorize())).Sent("code")!);
        Assert.Equal(HttpStatusCode.OK, await Status(again, EcgCalls.Route));

        async Task<HttpStatusCode> Status(AppTokens of, string route)
        {
            using var client = parts.Host.Client(of.AccessToken);
            return (await client.GetAsync(route)).StatusCode;
        }
    }

    [Fact]
    public async Task Change_with_an_outdated_version_is_rejected()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read");
        using var read = await admin.GetAsync($"{Route}/{id}");
        var tag = read.Headers.ETag!.ToString();

        await (await admin.PatchClient(id, """{"name":"b"}""", ifMatch: null)).Problem(HttpStatusCode.PreconditionRequired);
        using var changed = await admin.PatchClient(id, """{"name":"b"}""", tag);
        Assert.Equal("b", (await changed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
        await (await admin.PatchClient(id, """{"name":"c"}""", tag)).Problem(HttpStatusCode.PreconditionFailed);
        using var next = await admin.PatchClient(id, """{"enabled":true}""", changed.Headers.ETag!.ToString());

        Assert.Equal("b", (await next.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
        Assert.NotEmpty(await parts.Host.MachineToken(id, secret, "ecgs:read"));
        await (await admin.PatchClient(Guid.NewGuid().ToString(), "{}", ifMatch: null)).Problem(HttpStatusCode.NotFound);
        await (await admin.PatchClient(Guid.NewGuid().ToString(), "{}")).Problem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"name":""}""", "/name")]
    [InlineData("""{"enabled":"no"}""", "/enabled")]
    [InlineData("""{"scopes":["ecgs:read"]}""", "/scopes")]
    [InlineData("""{"jwks":{}}""", "/jwks")]
    [InlineData("""{"jwks":{"keys":[]}}""", "/jwks/keys")]
    [InlineData("""{"jwks":{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}}""", "/jwks")]
    [InlineData("""{"jwks":{"keys":[{"kty":"RSA","n":"c2hvcnQ","e":"AQAB"}]}}""", "/jwks/keys/0")]
    [InlineData("""{"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}}""", "/jwks/keys/0")]
    [InlineData("""{"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}]}}""", "/jwks")]
    public async Task A_bad_body_gets_400_with_the_pointer(string body, string pointer)
    {
        using var admin = await parts.Host.Admin();
        var (id, _) = await admin.NewClient("users:read");

        Assert.Equal(pointer, await admin.PatchClient(id, body).Pointer());
    }

    [Fact]
    public async Task Keys_of_a_client_with_rights_granted_on_the_host_are_replaced_only_on_the_host()
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.NewSigningClient();
        var file = Path.Combine(Path.GetTempPath(), $"{client.Id}.json");
        var (key, jwk) = SigningClients.NewKey("ES256");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { keys = new[] { jwk } }), TestContext.Current.CancellationToken);
        try
        {
            // Keys that the administrator set are removed with the first right granted on the host.
            var granted = await Verb("grant", client.Id, "events:read");
            Assert.Matches("secret +idvs_", granted);
            Assert.Equal("invalid_client", await parts.Host.TokenError(client.Form(client.Assertion(parts.Settings.Issuer))));
            await (await admin.PatchClient(client.Id, JsonSerializer.Serialize(new { jwks = new { keys = new[] { jwk } } }))).Problem(
                HttpStatusCode.Forbidden);
            await Verb("keys", client.Id, $"@{file}");
            var signing = new SigningClient(client.Id, key, "ES256");
            Assert.Null(await parts.Host.TokenError(signing.Form(signing.Assertion(parts.Settings.Issuer), "events:read")));

            var registered = await Verb("register", "of the host", "events:read", $"@{file}");
            Assert.DoesNotContain("secret", registered, StringComparison.Ordinal);
            var id = registered.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            Assert.Contains("no", await Verb("disable", id), StringComparison.Ordinal);
            Assert.Contains($"{id}  disabled", await Verb("list"), StringComparison.Ordinal);
            Assert.Contains("yes", await Verb("enable", id), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<string> Verb(params string[] words)
    {
        using var printed = new StringWriter();
        Assert.Equal(
            0,
            await IdentityModule.RunClientVerb(
                parts.Host.Services, words, TextReader.Null, printed, printed, TestContext.Current.CancellationToken));
        return printed.ToString();
    }

    private static async Task Change(HttpClient admin, string id, string body)
    {
        using var response = await admin.PatchClient(id, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
