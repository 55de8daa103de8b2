using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests multi-factor sign-in: codes of an app, recovery codes, and the users who must have them.</summary>
public sealed partial class SecondFactorTests(RunningParts parts)
{
    [Fact]
    public async Task Sign_in_with_a_second_factor_asks_for_a_code_and_tokens_contain_amr_and_acr()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (app, _) = await parts.Host.TurnSecondFactorOn(person);
        using var browser = new Browser(parts.Host);

        var asked = await Password(browser, client, person);
        Assert.Equal("Two-factor sign-in", asked.Heading);
        Assert.Equal("Sign in", (await browser.Get(client.Authorize())).Heading);
        var consent = await Follow(browser, await browser.Press(asked, "second-step", ("code", app.Code())));
        var tokens = await parts.Host.Redeem(client, (await browser.Press(consent, "allow")).Sent("code")!);

        AssertStrong(tokens);
        using var refreshed = await parts.Host.Anonymous.PostAsync(
            "/connect/token", new FormUrlEncodedContent(client.Refresh(tokens.RefreshToken)));
        AssertStrong((await refreshed.Content.ReadFromJsonAsync<AppTokens>())!);
    }

    [Fact]
    public async Task Tokens_of_a_user_without_a_second_factor_have_amr_pwd_and_no_acr()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);

        var tokens = await parts.Host.Tokens(browser, client, person);

        foreach (var token in new[] { tokens.AccessToken, tokens.IdToken })
        {
            var payload = Payload(token);
            Assert.Equal("[\"pwd\"]", payload.GetProperty("amr").GetRawText());
            Assert.Equal(JsonValueKind.Number, payload.GetProperty("auth_time").ValueKind);
            Assert.False(payload.TryGetProperty("acr", out _));
        }
    }

    [Fact]
    public async Task Code_is_accepted_once_across_hosts_even_in_concurrent_requests()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var person = await parts.Host.NewPerson();
        var (app, _) = await parts.Host.TurnSecondFactorOn(person);
        var code = app.Code();

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? parts.Host : second).TokenError(person.PasswordGrant(code))));

        Assert.Single(responses, response => response is null);
        Assert.Equal(5, responses.Count(response => response == "invalid_grant"));
    }

    [Fact]
    public async Task Recovery_code_replaces_the_code_of_the_app_once()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (_, codes) = await parts.Host.TurnSecondFactorOn(person);
        using var browser = new Browser(parts.Host);
        Assert.Equal((10, 10), (codes.Count, codes.Distinct().Count()));

        var used = await browser.Press(
            await Password(browser, client, person), "second-step", ("code", $" {codes[3].ToUpperInvariant()} "));
        using var other = new Browser(parts.Host);
        var again = await other.Press(await Password(other, client, person), "second-step", ("code", codes[3]));

        Assert.Equal(HttpStatusCode.Redirect, used.Status);
        Assert.Equal((HttpStatusCode.BadRequest, "Two-factor sign-in"), (again.Status, again.Heading));
        Assert.Equal(HttpStatusCode.Redirect, (await other.Press(again, "second-step", ("code", codes[4]))).Status);
    }

    [Fact]
    public async Task Sign_in_restarts_after_five_wrong_codes()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (app, codes) = await parts.Host.TurnSecondFactorOn(person);
        using var browser = new Browser(parts.Host);
        var page = await Password(browser, client, person);
        for (var wrong = 0; wrong < 5; wrong++)
        {
            Assert.Equal("Two-factor sign-in", page.Heading);
            page = await browser.Press(page, "second-step", ("code", app.WrongCode()));
        }

        var step = page.Fields["step"];
        var over = await browser.Press(page, "second-step", ("code", codes[0]));

        Assert.Equal((HttpStatusCode.BadRequest, "Sign in"), (over.Status, over.Heading));
        Assert.Contains("Sign in again.", over.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(step, over.Html, StringComparison.Ordinal);

        // Another caller may know the password, so the codes of the app are delayed for every caller. A recovery code is too long to be
        // found by trying, and is accepted.
        Assert.Equal("5 true", await parts.Host.Query<string>(
            "select wrong_in_a_row || ' ' || (next_try_at > now() - interval '1 minute') from identity.second_factors "
                + "where account_id = $1", person.Id));
        await parts.Host.Execute(
            $"update identity.second_factors set next_try_at = now() + interval '1 hour' where account_id = '{person.Id}'");
        var restarted = await Password(browser, client, person);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.Press(restarted, "second-step", ("code", app.Code()))).Status);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Press(restarted, "second-step", ("code", codes[0]))).Status);
    }

    [Theory, InlineData("second-step"), InlineData("set-up")]
    public async Task Unknown_two_factor_challenge_shows_the_sign_in_page(string choice)
    {
        var client = await parts.Host.NewApp();
        using var browser = new Browser(parts.Host);

        var page = await browser.Press(await browser.Get(client.Authorize()), choice, ("step", "no such token"), ("code", "123456"));

        Assert.Equal((HttpStatusCode.BadRequest, "Sign in"), (page.Status, page.Heading));
    }

    [Fact]
    public async Task Password_change_ends_a_pending_two_factor_challenge()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (app, codes) = await parts.Host.TurnSecondFactorOn(person);
        using var browser = new Browser(parts.Host);
        var half = await Password(browser, client, person);
        using var self = parts.Host.Client((await parts.Host.Token(person.PasswordGrant(app.Code()))).AccessToken);
        using var changed = await self.Post(
            "/account/password", new { currentPassword = TestUser.Password, newPassword = "another good password" });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);

        Assert.Equal("Sign in", (await browser.Press(half, "second-step", ("code", codes[0]))).Heading);
    }

    [Fact]
    public async Task Required_second_factor_is_set_up_at_sign_in_by_admins_and_not_by_users()
    {
        await using var strict = await RunningHost.Start(parts.Settings, ("Auth:RequireSecondFactor", "admins"));
        var (client, admin, user) = (await parts.Host.NewApp(), await parts.Host.NewPerson("admin"), await parts.Host.NewPerson());
        var before = await parts.Host.Token(admin);
        var adminScope = ("scope", (string?)"openid offline_access users:read clients:manage");
        using var browser = new Browser(strict);

        Assert.Equal("invalid_grant", await strict.TokenError(admin.PasswordGrant()));
        Assert.Null(await strict.TokenError(user.PasswordGrant()));
        Assert.Equal(
            "invalid_grant",
            await strict.TokenError(
                new() { ["grant_type"] = "refresh_token", ["refresh_token"] = before.RefreshToken!, ["client_id"] = "idoven-cli" }));
        var page = await browser.Press(
            await browser.Get(client.Authorize(adminScope)), "sign-in", ("username", admin.Username), ("password", TestUser.Password));
        Assert.Equal("Set up a second factor", page.Heading);
        Assert.Matches(
            """<svg viewBox="0 0 \d+ \d+"[^>]* aria-label="[^"]+"[^>]*>\s*<path [^>]*/><path [^>]*d="(M\d+ \d+h1v1h-1z)+"/></svg>""",
            page.Html);
        var app = new Authenticator(Key().Match(page.Html).Groups["key"].Value.Replace(" ", "", StringComparison.Ordinal));
        var wrong = await browser.Press(page, "set-up", ("code", app.WrongCode()));
        Assert.Equal((HttpStatusCode.BadRequest, Key().Match(page.Html).Value), (wrong.Status, Key().Match(wrong.Html).Value));

        var kept = await browser.Press(wrong, "set-up", ("code", app.Code()));
        Assert.Equal("Keep these recovery codes", kept.Heading);
        var codes = RecoveryCodes().Matches(kept.Html).Select(match => match.Groups["code"].Value).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        var consent = await browser.Get(new Uri(kept.Address, WebUtility.HtmlDecode(Link().Match(kept.Html).Groups["to"].Value)));

        Assert.StartsWith("Allow ", consent.Heading, StringComparison.Ordinal);
        AssertStrong(await strict.Redeem(client, (await browser.Press(consent, "allow")).Sent("code")!));
        Assert.Null(await strict.TokenError(admin.PasswordGrant(codes[0])));
    }

    [Fact]
    public async Task Client_that_requires_a_second_factor_gets_only_multi_factor_tokens()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        await browser.SignInAndAllow(client.Authorize(), person);
        var (app, _) = await parts.Host.TurnSecondFactorOn(person);

        Assert.NotNull((await browser.Get(client.Authorize())).Sent("code"));
        Assert.Equal("login_required", (await browser.Get(client.Authorize(("acr_values", "mfa"), ("prompt", "none")))).Sent("error"));
        var page = await browser.Press(
            await browser.Get(client.Authorize(("acr_values", "mfa"))),
            "sign-in",
            ("username", person.Username),
            ("password", TestUser.Password));
        var back = await Follow(browser, await browser.Press(page, "second-step", ("code", app.Code())));
        var tokens = await parts.Host.Redeem(client, back.Sent("code")!);

        AssertStrong(tokens);
        Assert.Equal("mfa", Payload(tokens.IdToken).GetProperty("acr").GetString());
    }

    [Fact]
    public async Task Second_factor_is_set_up_replaced_and_turned_off_only_by_its_user()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        Assert.Equal((false, 0), await State());
        Assert.Equal("/password", await self.Post(TwoFactorSetup.Route, new { password = "a wrong password" }).Pointer());
        Assert.Equal("/code", await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = "123456" }).Pointer());
        var forgotten = await self.BeginSecondFactor();
        var app = await self.BeginSecondFactor();
        Assert.Equal("/code", await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = forgotten.Code() }).Pointer());
        Assert.Equal((false, 0), await State());
        Assert.Null(await parts.Host.TokenError(person.PasswordGrant()));

        using var on = await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = app.Code() });
        var first = await on.RecoveryCodes();
        Assert.Equal("no-store", on.Headers.CacheControl?.ToString());
        Assert.Equal((true, 10), await State());
        Assert.Equal("invalid_grant", await parts.Host.TokenError(person.PasswordGrant()));
        Assert.Equal("/problems/second-factor-on", await Conflict(self.Post(TwoFactorSetup.Route, new { password = TestUser.Password })));

        Assert.Equal("/code", await self.Post("/account/recovery-codes", new { password = TestUser.Password }).Pointer());
        using var replaced = await self.Post("/account/recovery-codes", new { password = TestUser.Password, code = first[0] });
        var codes = await replaced.RecoveryCodes();
        Assert.Equal((true, 10), await State());
        Assert.Equal("invalid_grant", await parts.Host.TokenError(person.PasswordGrant(first[1])));

        Assert.Equal(
            "/password", await self.Post($"{TwoFactorSetup.Route}/off", new { password = "a wrong password", code = codes[0] }).Pointer());
        Assert.Equal(
            "/code",
            await self.Post($"{TwoFactorSetup.Route}/off", new { password = TestUser.Password, code = app.WrongCode() }).Pointer());
        using var off = await self.Post($"{TwoFactorSetup.Route}/off", new { password = TestUser.Password, code = app.Code() });
        Assert.Equal(HttpStatusCode.NoContent, off.StatusCode);
        Assert.Equal((false, 10), await State());
        Assert.Null(await parts.Host.TokenError(person.PasswordGrant()));
        Assert.Equal(
            "/problems/second-factor-off",
            await Conflict(self.Post($"{TwoFactorSetup.Route}/off", new { password = TestUser.Password, code = codes[0] })));

        static async Task<string?> Conflict(Task<HttpResponseMessage> sending)
        {
            using var response = await sending;
            return (await response.Problem(HttpStatusCode.Conflict)).GetProperty("type").GetString();
        }

        async Task<(bool, int)> State()
        {
            var state = await self.GetFromJsonAsync<JsonElement>(TwoFactorSetup.Route);
            Assert.Equal(state.GetProperty("enabled").GetBoolean(), state.GetProperty("since").ValueKind == JsonValueKind.String);
            return (state.GetProperty("enabled").GetBoolean(), state.GetProperty("recoveryCodesLeft").GetInt32());
        }
    }

    [Fact]
    public async Task Database_reveals_no_code_and_keeps_nothing_of_an_erased_account()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        using var begun = await self.Post(TwoFactorSetup.Route, new { password = TestUser.Password });
        var secret = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        using var on = await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = new Authenticator(secret).Code() });
        var code = (await on.RecoveryCodes())[0];

        var rows = await parts.Host.Query<string>(
            "select (select f::text from identity.second_factors f where account_id = $1) || (select string_agg(c::text, '') "
                + "from identity.recovery_codes c where account_id = $1)", person.Id);

        Assert.DoesNotContain(code, rows, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(code.Replace("-", "", StringComparison.Ordinal), rows, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(secret, rows, StringComparison.OrdinalIgnoreCase);
        Assert.True(rows.Length > 500, "both kinds of rows are there");
        using var admin = await parts.Host.Admin();
        await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}");
        await Eventually.Holds(async () => await parts.Host.Query<long>(
            "select (select count(*) from identity.second_factors where account_id = $1) + (select count(*) from identity.recovery_codes "
                + "where account_id = $1)", person.Id) == 0);
    }

    private static async Task<WebPage> Password(Browser browser, TestApp client, TestUser person) =>
        await browser.Press(
            await browser.Get(client.Authorize()), "sign-in", ("username", person.Username), ("password", TestUser.Password));

    private static Task<WebPage> Follow(Browser browser, WebPage redirect)
    {
        Assert.True(redirect.Status == HttpStatusCode.Redirect, redirect.Text);
        return browser.Get(redirect.Location);
    }

    private static void AssertStrong(AppTokens tokens)
    {
        foreach (var token in new[] { tokens.AccessToken, tokens.IdToken })
        {
            Assert.Equal(["pwd", "otp", "mfa"], Payload(token).GetProperty("amr").EnumerateArray().Select(method => method.GetString()));
        }
    }

    private static JsonElement Payload(string token) =>
        JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(new JsonWebToken(token).EncodedPayload));

    [GeneratedRegex("<p><code>(?<key>[A-Z2-7 ]+)</code></p>")]
    private static partial Regex Key();

    [GeneratedRegex("<li><code>(?<code>[^<]+)</code></li>")]
    private static partial Regex RecoveryCodes();

    [GeneratedRegex("<a href=\"(?<to>[^\"]+)\">")]
    private static partial Regex Link();
}
