using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class ClientTests(RunningParts parts)
{
    private const string Route = TestClients.Route;

    [Fact]
    public async Task Registered_client_gets_a_token_under_the_id_that_the_server_created()
    {
        using var admin = await parts.Host.Admin();

        using var response = await admin.PostAsync(Route, TestUsers.Json("""{"name":"Ward 7","scopes":["users:write","users:read"]}"""));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var client = await response.Content.ReadFromJsonAsync<JsonElement>();
        var id = client.GetProperty("id").GetString()!;
        Assert.Equal($"{Route}/{id}", response.Headers.Location?.OriginalString);
        var token = new JsonWebToken(await parts.Host.MachineToken(id, client.GetProperty("secret").GetString()!, "users:read"));
        Assert.Equal($"client:{id}", token.Subject);
        var read = await admin.GetFromJsonAsync<JsonElement>($"{Route}/{id}");
        Assert.Equal(("Ward 7", """["users:read","users:write"]""", 1), (
            read.GetProperty("name").GetString(), read.GetProperty("scopes").GetRawText(), read.GetProperty("liveSecrets").GetInt32()));
        Assert.False(read.TryGetProperty("secret", out _));
        Assert.NotEqual(default, read.GetProperty("createdAt").GetDateTimeOffset());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => parts.Host.MachineToken(id, client.GetProperty("secret").GetString()!, "ecgs:read"));
        Assert.Contains("invalid_scope", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_secrets_are_valid_during_rotation_and_a_third_replaces_the_first()
    {
        using var admin = await parts.Host.Admin();
        var (id, first) = await admin.NewClient("users:read");

        var second = await Rotate();
        await parts.Host.MachineToken(id, first, "users:read");
        await parts.Host.MachineToken(id, second, "users:read");
        Assert.Equal(2, (await admin.GetFromJsonAsync<JsonElement>($"{Route}/{id}")).GetProperty("liveSecrets").GetInt32());

        var third = await Rotate();
        await parts.Host.MachineToken(id, second, "users:read");
        await parts.Host.MachineToken(id, third, "users:read");
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, first, "users:read"));

        async Task<string> Rotate()
        {
            using var response = await admin.PostAsync($"{Route}/{id}/secrets", null);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        }
    }

    [Theory]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"id":"demo"}""", "/id")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"secret":"mine"}""", "/secret")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"role":"admin"}""", "/role")]
    [InlineData("""{"name":"","scopes":["ecgs:read"]}""", "/name")]
    [InlineData("""{"name":"a"}""", "/scopes")]
    [InlineData("""{"name":"a","scopes":[]}""", "/scopes")]
    [InlineData("""{"name":"a","scopes":"ecgs:read"}""", "/scopes")]
    [InlineData("""{"name":"a","scopes":["ecgs:read",null]}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["ecgs:read","ecgs:read"]}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["insights:read:any"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["ecgs:read","events:read"]}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["clients:manage"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["operations"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["openid"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"public":true}""", "/public")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"public":"yes"}""", "/public")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"public":null}""", "/public")]
    [InlineData("""{"name":"a","scopes":["ecgs:read"],"postLogoutRedirectUris":["https://a.example/"]}""", "/postLogoutRedirectUris")]
    [InlineData("""{"name":"a","scopes":["events:read"],"redirectUris":["https://a.example/"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["openid","ecgs:read"],"redirectUris":["https://a.example/"]}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["openid","ecgs:write"],"deviceFlow":true,"public":true}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["users:read","ecgs:read"],"jwks":{"keys":[]}}""", "/jwks")]
    [InlineData("""{"name":"a","scopes":["clients:self"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","scopes":["openid","insights:read:any"],"redirectUris":["https://a.example/"]}""", "/scopes/1")]
    [InlineData("""{"name":"a","scopes":["openid"],"redirectUris":"https://a.example/"}""", "/redirectUris")]
    [InlineData("""{"name":"a","scopes":["openid"],"redirectUris":["https://a.example/",null]}""", "/redirectUris/1")]
    [InlineData("""{"name":"a","scopes":["openid"],"redirectUris":["https://a.example/","https://A.example/"]}""", "/redirectUris/1")]
    [InlineData("""{"name":"a","scopes":["openid"],"redirectUris":["https://a.example/#b"]}""", "/redirectUris/0")]
    [InlineData(
        """{"name":"a","scopes":["openid"],"redirectUris":["https://a.example/"],"postLogoutRedirectUris":["http://a.example/"]}""",
        "/postLogoutRedirectUris/0")]
    public async Task A_bad_body_gets_400_with_the_pointer(string body, string pointer)
    {
        using var admin = await parts.Host.Admin();

        Assert.Equal(pointer, await admin.PostAsync(Route, TestUsers.Json(body)).Pointer());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Application_is_returned_with_its_redirect_addresses(bool isPublic)
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await parts.Host.NewApp(isPublic: isPublic);

        var read = await admin.GetFromJsonAsync<JsonElement>($"{Route}/{id}");
        using var rotated = await admin.PostAsync($"{Route}/{id}/secrets", null);

        Assert.Equal(isPublic, secret is null);
        Assert.Equal((isPublic, isPublic ? 0 : 1), (read.GetProperty("public").GetBoolean(), read.GetProperty("liveSecrets").GetInt32()));
        Assert.Equal(($"""["{TestApp.RedirectUri}"]""", $"""["{TestApp.SignedOutUri}"]"""), (
            read.GetProperty("redirectUris").GetRawText(), read.GetProperty("postLogoutRedirectUris").GetRawText()));
        Assert.Equal(isPublic ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, rotated.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Route}/{id}")).StatusCode);
        using var browser = new Browser(parts.Host);
        Assert.Equal("This link does not work", (await browser.Get(new TestApp(id, secret).Authorize())).Heading);
    }

    [Fact]
    public async Task A_machine_client_has_no_addresses()
    {
        using var admin = await parts.Host.Admin();

        var read = await admin.GetFromJsonAsync<JsonElement>($"{Route}/{(await admin.NewClient("ecgs:read")).Id}");

        Assert.Equal(("[]", "[]", false), (
            read.GetProperty("redirectUris").GetRawText(), read.GetProperty("postLogoutRedirectUris").GetRawText(),
            read.GetProperty("public").GetBoolean()));
    }

    [Fact]
    public async Task Clients_are_listed_by_cursor_without_the_built_in_clients()
    {
        using var admin = await parts.Host.Admin();
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            made.Add((await admin.NewClient("ecgs:read")).Id);
        }

        var seen = new List<string>();
        for (var address = $"{Route}?limit=2"; address is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>(address);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            address = page.GetProperty("next").GetString() is { } next ? $"{Route}?limit=2&cursor={next}" : null;
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(made, seen.Where(made.Contains));
        Assert.Contains("demo-gateway", seen);
        Assert.Contains("demo-app", seen);
        Assert.DoesNotContain("idoven-cli", seen);
        foreach (var id in new[] { "idoven-cli", Guid.CreateVersion7().ToString(), "no-id" })
        {
            await (await admin.GetAsync($"{Route}/{id}")).Problem(HttpStatusCode.NotFound);
            await (await admin.DeleteAsync($"{Route}/{id}")).Problem(HttpStatusCode.NotFound);
            await (await admin.PostAsync($"{Route}/{id}/secrets", null)).Problem(HttpStatusCode.NotFound);
        }
    }
}
