using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class SessionTests(RunningParts parts)
{
    [Fact]
    public async Task User_lists_own_sessions_and_cannot_end_those_of_others()
    {
        var person = await parts.Host.NewPerson();
        var (first, second) = (await parts.Host.Token(person), await parts.Host.Token(person));
        using var self = parts.Host.Client(second.AccessToken);
        using var other = await parts.Host.SignIn(await parts.Host.NewPerson());

        var sessions = (await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([Sid(second), Sid(first)], sessions.Select(session => session.GetProperty("id").GetString()));
        Assert.Equal([true, false], sessions.Select(session => session.GetProperty("current").GetBoolean()));
        Assert.All(sessions, session => Assert.Equal("idoven-cli", session.GetProperty("clientId").GetString()));
        foreach (var id in new[] { Sid(first), Guid.CreateVersion7().ToString(), "no-id" })
        {
            await (await other.DeleteAsync($"/account/sessions/{id}")).Problem(HttpStatusCode.NotFound);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/sessions/{Sid(first)}")).StatusCode);
        await (await self.DeleteAsync($"/account/sessions/{Sid(first)}")).Problem(HttpStatusCode.NotFound);
        Assert.Single((await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Password_change_requires_the_old_password()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);

        Assert.Equal("/currentPassword", await Change("a wrong password", "another good password").Pointer());
        Assert.Equal("/newPassword", await Change(TestUser.Password, "short").Pointer());
        Assert.Equal("/newPassword", await Change(TestUser.Password, person.Username).Pointer());
        Assert.Equal(HttpStatusCode.NoContent, (await Change(TestUser.Password, "another good password")).StatusCode);

        Assert.NotNull((await parts.Host.Token(person.Username, "another good password", "ecgs:read")).AccessToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(person));

        Task<HttpResponseMessage> Change(string currentPassword, string newPassword) =>
            self.PostAsync("/account/password", JsonContent.Create(new { currentPassword, newPassword }));
    }

    [Fact]
    public async Task Token_without_the_scope_account_gets_403_at_every_account_route()
    {
        using var machine = await parts.Host.NewOwner("ecgs:read");
        var person = await parts.Host.NewPerson();
        var scopes = person.Scopes.Replace("account ", "", StringComparison.Ordinal);
        using var without = await parts.Host.SignIn(person, scopes);
        var wrong = new List<string>();
        var routes = AccessTests.Routes(parts.Host)
            .Where(route => route.Address().StartsWith("/account/", StringComparison.Ordinal) && route.NeedsToken())
            .ToList();
        Assert.InRange(routes.Count, 12, int.MaxValue);

        foreach (var route in routes)
        {
            var method = new HttpMethod(AccessTests.Method(route));
            var address = route.Address().Replace("{id}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal);
            using var ofMachine = await machine.SendAsync(new HttpRequestMessage(method, address));
            using var ofUser = await without.SendAsync(new HttpRequestMessage(method, address));
            if ((ofMachine.StatusCode, ofUser.StatusCode) != (HttpStatusCode.Forbidden, HttpStatusCode.Forbidden))
            {
                wrong.Add($"{method} {address}: {ofMachine.StatusCode}, {ofUser.StatusCode}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(HttpStatusCode.OK, (await without.GetAsync("/connect/userinfo")).StatusCode);
    }

    [Fact]
    public async Task The_scope_account_is_granted_to_an_application_on_the_host_only()
    {
        using var admin = await parts.Host.Admin();
        Assert.Equal("/scopes/1", await admin.PostAsync(
            TestClients.Route,
            TestUsers.Json("""{"name":"a","scopes":["openid","account"],"redirectUris":["https://a.example/"]}""")).Pointer());
        using var registered = await admin.PostAsync(
            TestClients.Route, TestUsers.Json("""{"name":"a","scopes":["openid"],"redirectUris":["https://app.example/signed-in"]}"""));
        var client = await registered.Content.ReadFromJsonAsync<JsonElement>();
        var (id, known) = (client.ClientId(), client.GetProperty("secret").GetString()!);
        using var browser = new Browser(parts.Host);
        var authorize = new TestApp(id, known).Authorize(("scope", "openid account"));
        Assert.Equal("invalid_scope", (await browser.Get(authorize)).Sent("error"));

        var granted = await parts.Host.OnHost("grant", id, "account");

        // An administrator may know the secret that the application had before.
        var code = (await browser.SignInAndAllow(authorize, await parts.Host.NewPerson())).Sent("code")!;
        Assert.Equal("invalid_client", await parts.Host.TokenError(new TestApp(id, known).Code(code)));
        using var self = parts.Host.Client((await parts.Host.Redeem(new TestApp(id, granted["secret"]), code)).AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await self.GetAsync("/account/sessions")).StatusCode);
        await (await admin.PostAsync($"{TestClients.Route}/{id}/secrets", null)).Problem(HttpStatusCode.Forbidden);
        await (await admin.PatchClient(id, """{"jwks":null}""")).Problem(HttpStatusCode.Forbidden);
        Assert.Equal("openid", (await parts.Host.OnHost("revoke", id, "account"))["scopes"]);
    }

    [Fact]
    public async Task Session_lists_address_and_client_of_its_first_and_last_use_on_every_host()
    {
        var person = await parts.Host.NewPerson();
        var tokens = await Ask("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", new()
        {
            ["grant_type"] = "password",
            ["username"] = person.Username,
            ["password"] = TestUser.Password,
            ["scope"] = person.Scopes,
        });
        var later = await Ask("curl/8.9.1", new() { ["grant_type"] = "refresh_token", ["refresh_token"] = tokens.RefreshToken! });
        await using var second = await RunningHost.Start(parts.Settings);
        using var self = second.Client(later.AccessToken);

        var session = Assert.Single((await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray());

        Assert.Equal("""{"address":"127.0.0.1","agent":"Firefox on Linux"}""", session.GetProperty("first").GetRawText());
        Assert.Equal("""{"address":"127.0.0.1","agent":"curl"}""", session.GetProperty("last").GetRawText());
        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/sessions/{Sid(later)}")).StatusCode);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(new()
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "idoven-cli",
            ["refresh_token"] = later.RefreshToken!,
        }));

        async Task<TokenResponse> Ask(string agent, Dictionary<string, string> form)
        {
            form["client_id"] = "idoven-cli";
            using var client = parts.Host.Client();
            client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
            using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(form));
            return (await response.Content.ReadFromJsonAsync<TokenResponse>())!;
        }
    }

    /// <summary>Each refresh gives 14 more days, so without a maximum age a session would never end.</summary>
    [Fact]
    public async Task Session_ends_at_its_maximum_age_even_if_it_is_in_use()
    {
        var person = await parts.Host.NewPerson();
        var (old, young) = (await parts.Host.Token(person), await parts.Host.Token(person));
        await Age(old, "179 days");
        old = await parts.Host.Token(Refresh(old));
        await Age(old, "181 days");
        using var self = parts.Host.Client(young.AccessToken);

        Assert.Equal("invalid_grant", await parts.Host.TokenError(Refresh(old)));
        Assert.NotNull((await parts.Host.Token(Refresh(young))).RefreshToken);
        Assert.Equal(
            [Sid(young)],
            (await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray().Select(
                session => session.GetProperty("id").GetString()));
        await using var patient = await RunningHost.Start(parts.Settings, ("Auth:SessionLifetime", "200.00:00:00"));
        Assert.NotNull((await patient.Token(Refresh(await Aged()))).RefreshToken);

        async Task<TokenResponse> Aged()
        {
            var token = await parts.Host.Token(person);
            await Age(token, "181 days");
            return token;
        }

        Task Age(TokenResponse token, string age) =>
            parts.Host.Execute($"update identity.sessions set created_at = now() - interval '{age}' where id = '{Sid(token)}'");
    }

    private static Dictionary<string, string> Refresh(TokenResponse token) =>
        new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token.RefreshToken!, ["client_id"] = "idoven-cli" };

    private static string Sid(TokenResponse token) => new JsonWebToken(token.AccessToken).GetClaim("sid").Value;
}
