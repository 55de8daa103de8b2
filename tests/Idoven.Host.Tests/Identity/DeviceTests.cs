using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests the device authorization grant (RFC 8628): a device without a browser signs a user in through the browser of another device.
/// </summary>
public sealed partial class DeviceTests(RunningParts parts)
{
    [Fact]
    public async Task User_allows_a_device_and_it_gets_tokens_in_a_session_of_its_own()
    {
        var (client, person) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);

        Assert.Matches(UserCode(), device.UserCode);
        Assert.InRange(device.ExpiresIn, 590, 600);
        Assert.Equal(5, device.Interval);
        Assert.EndsWith("/connect/verify", device.VerificationUri, StringComparison.Ordinal);
        Assert.Equal($"{device.VerificationUri}?user_code={device.UserCode}", device.VerificationUriComplete);
        Assert.Equal("authorization_pending", await Poll(client, device));
        var page = await browser.SignIn(device.VerificationUriComplete, person);
        Assert.Equal("Connect A bedside monitor?", page.Heading);
        Assert.Contains(device.UserCode, page.Text, StringComparison.Ordinal);
        Assert.Contains("upload and delete ECGs in your name", page.Text, StringComparison.Ordinal);
        var done = await browser.Press(page, "allow");
        Assert.Equal("The device is connected", (await browser.Get(done.Location)).Heading);

        var tokens = await parts.Host.Token(Devices.Poll(client, device.DeviceCode));
        var access = new JsonWebToken(tokens.AccessToken);
        Assert.Equal(
            (person.Id.ToString(), client, Devices.Scope),
            (access.Subject, access.GetClaim("client_id").Value, access.GetClaim("scope").Value));
        Assert.NotNull(tokens.RefreshToken);
        using var self = parts.Host.Client((await parts.Host.Token(Refresh(client, tokens.RefreshToken!))).AccessToken);
        var sessions = (await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(2, sessions.Length);
        Assert.Contains(
            sessions,
            session =>
                session.GetProperty("clientId").GetString() == client
                    && session.GetProperty("id").GetString() == access.GetClaim("sid").Value);

        // The session of the browser ends, and that of the device stays.
        var browsers = sessions.Single(session => session.GetProperty("clientId").GetString() != client).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/sessions/{browsers}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await self.GetAsync("/connect/userinfo")).StatusCode);
    }

    [Fact]
    public async Task Reuse_of_a_device_code_revokes_the_tokens_issued_for_it()
    {
        var (client, person) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);
        await browser.Press(await browser.SignIn(device.VerificationUriComplete, person), "allow");
        var tokens = await parts.Host.Token(Devices.Poll(client, device.DeviceCode));

        Assert.Equal("invalid_grant", await Poll(client, device));

        Assert.Equal("invalid_grant", await parts.Host.TokenError(Refresh(client, tokens.RefreshToken!)));
        using var self = parts.Host.Client(tokens.AccessToken);
        await Eventually.Holds(async () => (await self.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task User_denies_a_device_and_it_gets_access_denied()
    {
        var (client, person) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);

        var done = await browser.Press(await browser.SignIn(device.VerificationUriComplete, person), "deny");

        Assert.Equal("The device was not connected", (await browser.Get(done.Location)).Heading);
        Assert.Equal("access_denied", await Poll(client, device));
        Assert.Equal("Connect a device", (await browser.Get(device.VerificationUriComplete)).Heading);
    }

    [Fact]
    public async Task User_code_is_accepted_in_lower_case_and_without_the_dash()
    {
        var (client, person) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);

        var page = await browser.SignIn("/connect/verify", person);
        Assert.Equal("Connect a device", page.Heading);
        var ask = await browser.Press(
            page, "continue", ("user_code", device.UserCode.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal)));

        Assert.Equal("Connect A bedside monitor?", ask.Heading);
        Assert.Contains(device.UserCode, ask.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Press(ask, "allow")).Status);
        Assert.Null(await Poll(client, device));
    }

    [Fact]
    public async Task Device_page_reveals_nothing_about_a_user_code_before_sign_in()
    {
        var device = await parts.Host.BeginDevice(await parts.Host.NewDevice());
        using var browser = new Browser(parts.Host);

        var (right, wrong) = (await browser.Get(device.VerificationUriComplete), await browser.Get("/connect/verify?user_code=BBBB-BBBB"));

        Assert.Equal(("Sign in", "Sign in"), (right.Heading, wrong.Heading));
        Assert.Equal(right.Text.Trim(), wrong.Text.Trim());
    }

    [Fact]
    public async Task Many_wrong_user_codes_delay_only_the_user_who_entered_them()
    {
        var (client, attacker, other) = (await parts.Host.NewDevice(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);
        var page = await browser.SignIn("/connect/verify", attacker);
        for (var i = 0; i < 10; i++)
        {
            var wrong = await browser.Press(page, "continue", ("user_code", "BBBB-BBBB"));
            Assert.Equal((HttpStatusCode.BadRequest, "Connect a device"), (wrong.Status, wrong.Heading));
        }

        var refused = await browser.Press(page, "continue", ("user_code", device.UserCode));

        Assert.Equal((HttpStatusCode.TooManyRequests, "Too many wrong codes"), (refused.Status, refused.Heading));
        using var elsewhere = new Browser(parts.Host);
        Assert.Equal("Connect A bedside monitor?", (await elsewhere.SignIn(device.VerificationUriComplete, other)).Heading);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData(null)]
    public async Task Link_from_another_site_fills_in_the_user_code_and_counts_no_attempt(string? site)
    {
        var person = await parts.Host.NewPerson();
        var device = await parts.Host.BeginDevice(await parts.Host.NewDevice());
        using var browser = new Browser(parts.Host);
        await browser.SignIn("/connect/verify", person);
        using var led = new Browser(parts.Host, browser.Cookies, fetchSite: site);

        for (var i = 0; i < 12; i++)
        {
            var page = await led.Get("/connect/verify?user_code=BBBB-BBBB");
            Assert.Equal((HttpStatusCode.OK, "Connect a device", "BBBB-BBBB"), (page.Status, page.Heading, page.Fields["user_code"]));
        }

        var filledIn = await led.Get(device.VerificationUriComplete);
        Assert.Equal("Connect A bedside monitor?", (await browser.Press(filledIn, "continue")).Heading);
    }

    [Fact]
    public async Task Wrong_user_codes_are_counted_across_hosts_and_right_ones_are_not_counted()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var (client, attacker) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);
        using var beside = new Browser(second, browser.Cookies);
        await browser.SignIn("/connect/verify", attacker);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("Connect A bedside monitor?", (await beside.Get(device.VerificationUriComplete)).Heading);
        }

        // The requests are concurrent, so that each is counted before another one is checked.
        var pages = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? browser : beside).Get("/connect/verify?user_code=BBBB-BBBB")));

        Assert.Equal(
            [10, 10],
            new[] { HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests }.Select(
                status => pages.Count(page => page.Status == status)));
        Assert.Equal("Too many wrong codes", (await beside.Get(device.VerificationUriComplete)).Heading);
        await parts.Host.Execute("update identity.guesses set last_at = last_at - interval '1 minute' where count > 9.5");
        Assert.Equal("Connect A bedside monitor?", (await browser.Get(device.VerificationUriComplete)).Heading);
    }

    [Fact]
    public async Task Device_that_polls_too_often_gets_slow_down_on_every_host()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var client = await parts.Host.NewDevice();
        var device = await parts.Host.BeginDevice(client);

        Assert.Equal("authorization_pending", await Poll(client, device));
        Assert.Equal("slow_down", await second.TokenError(Devices.Poll(client, device.DeviceCode)));
        await parts.Host.Execute(
            "update identity.tokens set properties = jsonb_build_object('asked_at', now() - interval '5 seconds')::text "
                + "where type like '%device_code' and properties like '%asked_at%'");
        Assert.Equal("authorization_pending", await second.TokenError(Devices.Poll(client, device.DeviceCode)));
    }

    [Fact]
    public async Task Expired_device_code_returns_expired_token()
    {
        var client = await parts.Host.NewDevice();
        var device = await parts.Host.BeginDevice(client);
        await parts.Host.Execute(
            "update identity.tokens set expiration_date = now() - interval '1 second' where application_id = (select id "
                + $"from identity.clients where client_id = '{client}')");

        Assert.Equal("expired_token", await Poll(client, device));
    }

    [Fact]
    public async Task Device_form_of_another_user_is_rejected()
    {
        var (client, person, other) = (await parts.Host.NewDevice(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);
        using var elsewhere = new Browser(parts.Host);
        var page = await browser.SignIn(device.VerificationUriComplete, person);
        var theirs = await elsewhere.SignIn(device.VerificationUriComplete, other);

        var response = await browser.Press(page, "allow", ("form_token", theirs.Fields["form_token"]));

        Assert.Equal((HttpStatusCode.BadRequest, "This form is no longer valid"), (response.Status, response.Heading));
        Assert.Equal("authorization_pending", await Poll(client, device));
    }

    [Fact]
    public async Task User_cannot_allow_a_device_scopes_outside_the_role()
    {
        var (client, admin) = (await parts.Host.NewDevice(), await parts.Host.NewPerson("admin"));
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);

        var response = await browser.Press(await browser.SignIn(device.VerificationUriComplete, admin), "allow");

        Assert.Equal((HttpStatusCode.Forbidden, "This cannot be allowed"), (response.Status, response.Heading));
        Assert.Equal("authorization_pending", await Poll(client, device));
    }

    [Fact]
    public async Task Device_code_of_another_client_and_client_without_the_device_grant_are_rejected()
    {
        var (client, other, app) = (await parts.Host.NewDevice(), await parts.Host.NewDevice(), await parts.Host.NewApp());
        var device = await parts.Host.BeginDevice(client);

        Assert.Equal("invalid_grant", await Poll(other, device));
        using var refused = await parts.Host.Anonymous.PostAsync(
            "/connect/device", new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = app.Id, ["scope"] = "openid" }));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "unauthorized_client"),
            (refused.StatusCode, (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()));
    }

    [Theory, InlineData(null), InlineData(""), InlineData("openid no-such-scope")]
    public async Task A_device_that_names_no_scope_or_an_unknown_one_gets_invalid_scope(string? scope)
    {
        var form = new Dictionary<string, string> { ["client_id"] = await parts.Host.NewDevice() };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        using var response = await parts.Host.Anonymous.PostAsync("/connect/device", new FormUrlEncodedContent(form));

        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString();
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_scope"), (response.StatusCode, error));
    }

    private Task<string?> Poll(string client, Device device) => parts.Host.TokenError(Devices.Poll(client, device.DeviceCode));

    private static Dictionary<string, string> Refresh(string client, string token) =>
        new() { ["grant_type"] = "refresh_token", ["client_id"] = client, ["refresh_token"] = token };

    [GeneratedRegex("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$")]
    private static partial Regex UserCode();
}
