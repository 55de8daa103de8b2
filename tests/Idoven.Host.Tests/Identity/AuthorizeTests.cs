using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests the authorization code flow from the view of an application.</summary>
public sealed class AuthorizeTests(RunningParts parts)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task User_signs_in_and_consents_and_the_application_gets_tokens_of_the_browser_session(bool isPublic)
    {
        var (app, person) = (await parts.Host.NewApp(isPublic: isPublic), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);

        var back = await browser.SignInAndAllow(app.Authorize(), person);

        Assert.StartsWith($"{TestApp.RedirectUri}?", back.Location.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(("a state", parts.Settings.Issuer), (back.Sent("state"), back.Sent("iss")));
        var tokens = await parts.Host.Redeem(app, back.Sent("code")!);
        var (access, id) = (new JsonWebToken(tokens.AccessToken), new JsonWebToken(tokens.IdToken));
        Assert.Equal(
            (person.Id.ToString(), "user", app.Id), (access.Subject, access.GetClaim("role").Value, access.GetClaim("client_id").Value));
        Assert.Equal((person.Id.ToString(), "a nonce", app.Id), (id.Subject, id.GetClaim("nonce").Value, id.Audiences.Single()));
        Assert.Equal(access.GetClaim("sid").Value, id.GetClaim("sid").Value);
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - long.Parse(id.GetClaim("auth_time").Value), 0, 60);
        foreach (var name in new[] { "role", "gen", "scope", "preferred_username" })
        {
            Assert.False(id.TryGetClaim(name, out _), name);
        }

        using var self = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await self.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal(
            $$"""{"sub":"{{person.Id}}","preferred_username":"{{person.Username}}"}""", await self.GetStringAsync("/connect/userinfo"));
        Assert.Equal(
            app.Id,
            (await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items")[0].GetProperty("clientId").GetString());
        Assert.Null(await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
    }

    [Fact]
    public async Task Signed_in_user_who_consented_before_gets_a_code_in_the_same_session_without_a_page()
    {
        var (app, other, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var first = await parts.Host.Tokens(browser, app, person);

        var again = await parts.Host.Redeem(app, (await browser.Get(app.Authorize())).Sent("code")!);
        var fewer = await browser.Get(app.Authorize(("scope", "openid")));
        var others = await browser.Get(other.Authorize());

        Assert.Equal(Sid(first), Sid(again));
        Assert.NotNull(fewer.Sent("code"));
        Assert.StartsWith("Allow ", others.Heading, StringComparison.Ordinal);
        Assert.Equal(Sid(first), Sid(await parts.Host.Redeem(other, (await browser.Press(others, "allow")).Sent("code")!)));
        Assert.StartsWith("Allow ", (await browser.Get(app.Authorize(("prompt", "consent")))).Heading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Denied_consent_redirects_with_access_denied()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);

        var back = await browser.Press(await browser.SignIn(app.Authorize(), person), "deny");

        AssertRefused("access_denied", back);
        Assert.StartsWith("Allow ", (await browser.Get(app.Authorize())).Heading, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://app.example/signed-in/")]
    [InlineData("https://app.example/Signed-in")]
    [InlineData("https://app.example/signed-im")]
    [InlineData("https://app.example/signed-in?")]
    [InlineData("https://app.example/signed-in?a=b")]
    [InlineData("https://app.example:444/signed-in")]
    [InlineData("https://app.example:443/signed-in")]
    [InlineData("http://app.example/signed-in")]
    [InlineData("https://App.example/signed-in")]
    [InlineData("https://app.example.evil.example/signed-in")]
    [InlineData("https://app.example@evil.example/signed-in")]
    [InlineData("https://app.example/./signed-in")]
    [InlineData("https://app.example/signed-in%20")]
    [InlineData("https://app.example/signed-in#a")]
    [InlineData("//app.example/signed-in")]
    [InlineData("/signed-in")]
    [InlineData("javascript:alert(1)")]
    [InlineData(null)]
    public async Task Unregistered_redirect_uri_shows_an_error_page_without_a_redirect(string? redirectUri)
    {
        using var browser = new Browser(parts.Host);

        var page = await browser.Get((await parts.Host.NewApp()).Authorize(("redirect_uri", redirectUri)));

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Null(page.Response.Headers.Location);
        Assert.Equal("This link does not work", page.Heading);
        Assert.DoesNotContain("href", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loopback_redirect_uri_must_have_the_registered_port()
    {
        using var browser = new Browser(parts.Host);
        var demo = new TestApp("demo-app", Secret: null);

        var right = await browser.Get(demo.Authorize(("redirect_uri", "http://127.0.0.1:7890/callback"), ("scope", "openid")));
        var wrong = await browser.Get(demo.Authorize(("redirect_uri", "http://127.0.0.1:7891/callback"), ("scope", "openid")));

        Assert.Equal(("Sign in", "This link does not work"), (right.Heading, wrong.Heading));
        Assert.Contains(
            "form-action 'self' http://127.0.0.1:7890;",
            right.Response.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_client_and_machine_client_show_an_error_page_without_a_redirect()
    {
        using var browser = new Browser(parts.Host);
        using var admin = await parts.Host.Admin();
        var (machine, _) = await admin.NewClient("ecgs:read");

        foreach (var id in new[] { "no-such-client", machine, "idoven-cli" })
        {
            var page = await browser.Get(new TestApp(id, null).Authorize());
            Assert.Equal((HttpStatusCode.BadRequest, "This link does not work"), (page.Status, page.Heading));
        }
    }

    [Fact]
    public async Task Application_gets_no_token_by_client_credentials()
    {
        var app = await parts.Host.NewApp(isPublic: false);

        Assert.Equal(
            "unauthorized_client",
            await parts.Host.TokenError(app.Client(new() { ["grant_type"] = "client_credentials", ["scope"] = "ecgs:read" })));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "S256")]
    [InlineData("challenge", "plain")]
    [InlineData("challenge", null)]
    [InlineData("challenge", "S512")]
    public async Task Missing_or_plain_code_challenge_is_rejected(string? challenge, string? method)
    {
        using var browser = new Browser(parts.Host);
        var app = await parts.Host.NewApp();

        AssertRefused(
            "invalid_request",
            await browser.Get(
                app.Authorize(("code_challenge", challenge is null ? null : TestApp.Challenge), ("code_challenge_method", method))));
    }

    [Theory]
    [InlineData("response_type", "token", "unauthorized_client unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unauthorized_client unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("response_mode", "form_post", "invalid_request")]
    [InlineData("scope", "openid operations", "invalid_scope")]
    [InlineData("scope", "openid no-such-scope", "invalid_scope")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("scope", "", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("request", "a.b.c", "request_not_supported")]
    [InlineData("code_challenge", "abc", "invalid_request")]
    [InlineData("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "invalid_request")]
    [InlineData("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", "invalid_request")]
    [InlineData("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "invalid_request")]
    public async Task Unsupported_authorization_parameter_redirects_with_an_error(string parameter, string? value, string errors)
    {
        using var browser = new Browser(parts.Host);

        var back = await browser.Get((await parts.Host.NewApp()).Authorize((parameter, value)));

        Assert.Contains(back.Sent("error"), errors.Split(' '));
        Assert.Null(back.Sent("code"));
    }

    [Fact]
    public async Task Code_is_redeemed_once_and_only_by_its_client_with_its_verifier_and_redirect_uri()
    {
        var (app, other, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;

        Assert.Equal("invalid_grant", await parts.Host.TokenError(new(app.Code(code)) { ["code_verifier"] = TestApp.Verifier + "x" }));
        Assert.Equal("invalid_request", await parts.Host.TokenError(Without(app.Code(code), "code_verifier")));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(new(app.Code(code)) { ["redirect_uri"] = TestApp.RedirectUri + "/" }));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(other.Code(code)));
        var tokens = await parts.Host.Redeem(app, code);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));

        // A second use means that the code was stolen: every module rejects the tokens issued for it.
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        using var self = parts.Host.Client(tokens.AccessToken);
        await Eventually.Holds(async () => (await self.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        Assert.False((await self.GetAsync("/connect/userinfo")).IsSuccessStatusCode);
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);

        static Dictionary<string, string> Without(Dictionary<string, string> form, string field)
        {
            form.Remove(field);
            return form;
        }
    }

    [Fact]
    public async Task Only_one_of_many_concurrent_redemptions_of_a_code_succeeds()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;

        var errors = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => parts.Host.TokenError(app.Code(code))));

        Assert.Equal((1, 7), (errors.Count(error => error is null), errors.Count(error => error == "invalid_grant")));
    }

    [Fact]
    public async Task Authorization_request_can_be_sent_as_a_form()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var request = System.Web.HttpUtility.ParseQueryString(app.Authorize().Split('?')[1]);

        var page = await browser.Post(
            new Uri(parts.Host.Address, "/connect/authorize"), request.AllKeys.ToDictionary(key => key!, key => request[key]!));
        var signedIn = await browser.Press(page, "sign-in", ("username", person.Username), ("password", TestUser.Password));

        Assert.NotNull((await browser.Press(await browser.Get(signedIn.Location), "allow")).Sent("code"));
    }

    [Fact]
    public async Task Code_expires_after_a_minute()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        await browser.SignInAndAllow(app.Authorize(), person);

        Assert.Equal(TimeSpan.FromSeconds(60), await parts.Host.Query<TimeSpan>(
            "select expiration_date - creation_date from identity.tokens where subject = $1 and type like '%code%'", person.Id.ToString()));
    }

    [Fact]
    public async Task Reuse_of_a_refresh_token_of_a_browser_session_ends_only_that_session()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var first = await parts.Host.Tokens(browser, app, person);
        var inSession = await parts.Host.Redeem(app, (await browser.Get(app.Authorize())).Sent("code")!);
        using var elsewhere = new Browser(parts.Host);
        var beside = await parts.Host.Redeem(app, (await elsewhere.SignIn(app.Authorize(), person)).Sent("code")!);

        Assert.Null(await parts.Host.TokenError(app.Refresh(first.RefreshToken)));
        await parts.Host.EndRetryWindow(person.Id.ToString());
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(first.RefreshToken)));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(inSession.RefreshToken)));
        Assert.Null(await parts.Host.TokenError(app.Refresh(beside.RefreshToken)));
    }

    [Fact]
    public async Task Tokens_of_a_sign_in_can_be_revoked()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);

        foreach (var token in new[] { tokens.AccessToken, tokens.RefreshToken })
        {
            using var response = await parts.Host.Anonymous.PostAsync(
                "/connect/revoke", new FormUrlEncodedContent(app.Client(new() { ["token"] = token })));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        using var self = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await self.GetAsync("/connect/userinfo")).StatusCode);
    }

    [Fact]
    public async Task Scope_outside_the_role_redirects_with_invalid_scope()
    {
        var (app, admin) = (await parts.Host.NewApp(), await parts.Host.NewPerson("admin"));
        using var browser = new Browser(parts.Host);

        AssertRefused("invalid_scope", await browser.SignIn(app.Authorize(("scope", "openid ecgs:read")), admin));
        AssertRefused("invalid_scope", await browser.Get(app.Authorize(("scope", "openid ecgs:read"), ("prompt", "none"))));
        Assert.StartsWith(
            "Allow ", (await browser.Get(app.Authorize(("scope", "openid clients:manage")))).Heading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_with_prompt_none_never_shows_a_page()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var silent = app.Authorize(("prompt", "none"));

        AssertRefused("login_required", await browser.Get(silent));
        var consent = await browser.SignIn(app.Authorize(), person);
        AssertRefused("consent_required", await browser.Get(silent));
        await browser.Press(consent, "allow");
        Assert.NotNull((await browser.Get(silent)).Sent("code"));
        AssertRefused("login_required", await browser.Get(app.Authorize(("prompt", "none"), ("max_age", "0"))));
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("prompt", "select_account")]
    [InlineData("max_age", "0")]
    public async Task Signed_in_user_signs_in_again_if_the_application_requires_it(string parameter, string value)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var first = await parts.Host.Tokens(browser, app, person);

        var back = await browser.SignIn(app.Authorize((parameter, value)), person);

        Assert.Equal(Sid(first), Sid(await parts.Host.Redeem(app, back.Sent("code")!)));
        Assert.NotNull((await browser.Get(app.Authorize(("max_age", "3600")))).Sent("code"));
    }

    [Fact]
    public async Task Sign_in_of_another_user_in_a_browser_ends_the_session_of_the_first()
    {
        var (app, first, second) = (await parts.Host.NewApp(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var before = await parts.Host.Tokens(browser, app, first);

        AssertRefused("login_required", await browser.Get(app.Authorize(("prompt", "none"), ("id_token_hint", await OfAnother()))));
        await browser.SignIn(app.Authorize(("prompt", "login")), second);

        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(before.RefreshToken)));

        async Task<string> OfAnother()
        {
            using var elsewhere = new Browser(parts.Host);
            return (await parts.Host.Tokens(elsewhere, app, second)).IdToken;
        }
    }

    [Fact]
    public async Task Userinfo_returns_only_claims_of_the_granted_scopes()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var back = await browser.SignInAndAllow(app.Authorize(("scope", "openid")), person);
        using var openid = parts.Host.Client((await parts.Host.Redeem(app, back.Sent("code")!)).AccessToken);
        using var without = await parts.Host.SignIn(person, "ecgs:read");
        using var machine = await parts.Host.NewOwner();

        Assert.Equal($$"""{"sub":"{{person.Id}}"}""", await openid.GetStringAsync("/connect/userinfo"));
        Assert.Equal(HttpStatusCode.Forbidden, (await without.GetAsync("/connect/userinfo")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await machine.GetAsync("/connect/userinfo")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await parts.Host.Client("no.token.atall").GetAsync("/connect/userinfo")).StatusCode);
    }

    [Fact]
    public async Task Discovery_lists_the_supported_authorization_options()
    {
        var document = await parts.Host.Anonymous.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        Assert.Equal(["S256"], Values("code_challenge_methods_supported"));
        Assert.Equal(["code"], Values("response_types_supported"));
        Assert.Equal(["query"], Values("response_modes_supported"));
        Assert.True(document.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
        foreach (var (name, path) in new[] { ("authorization", "authorize"), ("userinfo", "userinfo"), ("end_session", "logout") })
        {
            Assert.Equal($"{parts.Settings.Issuer}connect/{path}", document.GetProperty($"{name}_endpoint").GetString());
        }

        IEnumerable<string?> Values(string name) => document.GetProperty(name).EnumerateArray().Select(value => value.GetString());
    }

    private static void AssertRefused(string error, WebPage back)
    {
        Assert.StartsWith($"{TestApp.RedirectUri}?", back.Location.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal((error, "a state", "http://localhost/"), (back.Sent("error"), back.Sent("state"), back.Sent("iss")));
        Assert.Null(back.Sent("code"));
    }

    private static string Sid(AppTokens tokens) => new JsonWebToken(tokens.AccessToken).GetClaim("sid").Value;
}
