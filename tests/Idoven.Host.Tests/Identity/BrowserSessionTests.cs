using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests that the sign-in of a browser is a session like any other: its end invalidates the cookie and the tokens on every host.
/// </summary>
public sealed class BrowserSessionTests(RunningParts parts)
{
    [Theory]
    [InlineData("session ended")]
    [InlineData("signed out everywhere")]
    [InlineData("password changed")]
    [InlineData("disabled")]
    [InlineData("deleted")]
    public async Task Ended_session_invalidates_its_cookie_code_and_tokens(string cause)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var code = (await browser.Get(app.Authorize())).Sent("code")!;
        using var admin = await parts.Host.Admin();
        using var self = parts.Host.Client(tokens.AccessToken);

        using var done = cause switch
        {
            "session ended" => await self.DeleteAsync($"/account/sessions/{new JsonWebToken(tokens.AccessToken).GetClaim("sid").Value}"),
            "signed out everywhere" => await self.DeleteAsync("/account/sessions"),
            "password changed" => await self.PostAsync(
                "/account/password",
                JsonContent.Create(new { currentPassword = TestUser.Password, newPassword = "another good password" })),
            "disabled" => await admin.Patch(person.Id, """{"enabled":false}"""),
            _ => await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}"),
        };
        Assert.True(done.IsSuccessStatusCode, $"{done.StatusCode}");

        // Changes made in the Users module arrive by a message.
        await Eventually.Holds(async () => (await browser.Get(app.Authorize(("prompt", "none")))).Sent("error") == "login_required");
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        await Eventually.Holds(async () => (await self.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, (await self.GetAsync("/connect/userinfo")).StatusCode);
        if (cause is "disabled" or "deleted")
        {
            var page = await browser.Press(
                await browser.Get(app.Authorize()), "sign-in", ("username", person.Username), ("password", TestUser.Password));
            Assert.Contains("The username or the password is wrong.", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sign_out_invalidates_tokens_in_every_module_on_two_hosts()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var (app, other, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var others = await parts.Host.Redeem(other, (await browser.Press(await browser.Get(other.Authorize()), "allow")).Sent("code")!);
        string[] routes = [EcgCalls.Route, $"{TestUsers.Route}/me", "/account/sessions"];
        Assert.Equal([HttpStatusCode.OK], await Answers());

        var back = await browser.Get(TestApp.Logout(
            ("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", TestApp.SignedOutUri), ("state", "a state & more")));
        Assert.Equal($"{TestApp.SignedOutUri}?state=a%20state%20%26%20more", back.Location.AbsoluteUri);

        await Eventually.Holds(async () => await Answers() is [HttpStatusCode.Unauthorized]);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("invalid_grant", await second.TokenError(other.Refresh(others.RefreshToken)));
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);

        async Task<HttpStatusCode[]> Answers()
        {
            var responses = await Task.WhenAll(
                from host in new[] { parts.Host, second }
                from token in new[] { tokens.AccessToken, others.AccessToken }
                from route in routes
                select Answer(host, token, route));
            return [.. responses.Distinct()];
        }

        static async Task<HttpStatusCode> Answer(RunningHost host, string token, string route)
        {
            using var client = host.Client(token);
            return (await client.GetAsync(route)).StatusCode;
        }
    }

    [Fact]
    public async Task A_browser_stays_signed_in_on_another_host_and_after_a_restart()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var consent = await browser.SignIn(app.Authorize(), person);

        await using var second = await RunningHost.Start(parts.Settings);
        using var there = new Browser(second, browser.Cookies);

        Assert.StartsWith("Allow ", (await there.Get(app.Authorize())).Heading, StringComparison.Ordinal);
        var back = await there.Post(new Uri(second.Address, "/connect/authorize"), new(consent.Fields) { ["answer"] = "allow" });
        await second.Redeem(app, back.Sent("code")!);
    }

    [Fact]
    public async Task User_lists_and_ends_a_browser_session_from_elsewhere()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        await browser.SignIn(app.Authorize(), person);
        using var elsewhere = await parts.Host.SignIn(person);

        var session = (await elsewhere.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray()
            .Single(session => session.GetProperty("clientId").GetString() == app.Id);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await elsewhere.DeleteAsync($"/account/sessions/{session.GetProperty("id").GetString()}")).StatusCode);

        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
    }

    [Fact]
    public async Task Too_many_concurrent_sign_ins_show_an_error_page()
    {
        await using var busy = await RunningHost.Start(parts.Settings);
        var app = await parts.Host.NewApp();
        using var browser = new Browser(busy);
        var page = await browser.Get(app.Authorize());

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 300).Select(_ => browser.Press(page, "sign-in", ("username", "no-such-user"), ("password", "nothing"))));

        var refused = responses.Where(response => response.Status == HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, response =>
        {
            Assert.Equal("Too many users are signing in", response.Heading);
            Assert.True(response.Response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        });
        Assert.Contains(responses, response => response.Status == HttpStatusCode.BadRequest);
    }
}
