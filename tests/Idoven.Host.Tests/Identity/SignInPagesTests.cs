using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests the content and the security of the sign-in pages.</summary>
public sealed partial class SignInPagesTests(RunningParts parts)
{
    private const string Payload = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;";

    public static TheoryData<string> Pages =>
    [
        "sign-in", "wrong password", "consent", "bad redirect URI", "expired form", "sign-out", "sign-out that was asked for badly",
        "signed out",
        "activation", "bad password", "not repeated", "dead link", "two-factor challenge", "wrong code", "set-up", "recovery codes",
        "recovery", "recovery asked for",
        "recovery link", "recovery code", "wrong recovery code", "e-mail", "dead e-mail link",
    ];

    [Theory, MemberData(nameof(Pages))]
    public async Task Every_page_has_security_headers_and_is_accessible(string name)
    {
        using var browser = new Browser(parts.Host);
        var page = await Page(browser, name);
        string Header(string header) => string.Join(", ", page.Response.Headers.TryGetValues(header, out var values) ? values : []);

        Assert.Equal("text/html; charset=utf-8", page.Response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", Header("Cache-Control"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        var style = Assert.Single(Style().Matches(page.Html)).Groups["text"].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        var formTarget = name is "sign-in" or "wrong password" or "consent" or "two-factor challenge" or "wrong code" or "set-up"
            ? " https://app.example:443"
            : "";
        Assert.Equal(
            $"default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'{formTarget}; frame-ancestors 'none'; base-uri 'none'",
            Header("Content-Security-Policy"));

        Assert.StartsWith(
            """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">""", page.Html.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.NotEmpty(page.Heading);
        Assert.Contains($"<title>{WebUtility.HtmlEncode(page.Heading)} - Idoven</title>", page.Html, StringComparison.Ordinal);
        AssertRunsNothing(page);
        foreach (Match input in SeenInput().Matches(page.Html))
        {
            var id = input.Groups["id"].Value;
            Assert.Contains($"""<label for="{id}">""", page.Html, StringComparison.Ordinal);
            foreach (var note in input.Groups["notes"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.Contains($"""<p id="{note}" """, page.Html, StringComparison.Ordinal);
            }
        }

        // The input is masked, and a password manager can fill it in.
        var passwords = PasswordInput().Matches(page.Html);
        Assert.Equal(
            name is "sign-in" or "wrong password" or "activation" or "bad password" or "not repeated" or "recovery link" or "recovery code"
                or "wrong recovery code" or "e-mail",
            passwords.Count > 0);
        Assert.All(passwords, input => Assert.Matches("type=\"password\".* autocomplete=\"(current|new)-password\"", input.Value));

        Assert.Equal(
            name is "wrong password" or "bad password" or "not repeated" or "wrong code" or "wrong recovery code",
            page.Html.Contains("""aria-invalid="true" """, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_password_and_unknown_name_show_the_same_page()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var page = await browser.Get(app.Authorize());

        var wrong = await browser.Press(page, "sign-in", ("username", person.Username), ("password", "a wrong password"));
        var unknown = await browser.Press(page, "sign-in", ("username", "no-such-user"), ("password", "a wrong password"));

        Assert.Equal((HttpStatusCode.BadRequest, "Sign in"), (wrong.Status, wrong.Heading));
        Assert.Contains("The username or the password is wrong.", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(wrong.Status, unknown.Status);
        Assert.Equal(Same(wrong, person.Username), Same(unknown, "no-such-user"));
        Assert.DoesNotContain("a wrong password", wrong.Html, StringComparison.Ordinal);

        static string Same(WebPage page, string username) =>
            page.Html.Replace(page.Fields["form_token"], "", StringComparison.Ordinal).Replace(username, "", StringComparison.Ordinal);
    }

    [Theory, InlineData(null), InlineData(""), InlineData("not a token"), InlineData("of another browser")]
    public async Task Form_with_an_invalid_form_token_is_rejected(string? token)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        using var other = new Browser(parts.Host);
        var foreign = (await other.Get(app.Authorize())).Fields["form_token"];

        var signIn = await Forged(
            await browser.Get(app.Authorize()), "sign-in", ("username", person.Username), ("password", TestUser.Password));
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
        var consent = await browser.SignIn(app.Authorize(), person);
        var allow = await Forged(consent, "allow");
        var deny = await Forged(consent, "deny");
        var signOut = await Forged(await browser.Get(TestApp.Logout()), "sign-out");

        Assert.All([signIn, allow, deny, signOut], page =>
        {
            Assert.Equal((HttpStatusCode.BadRequest, "This form is no longer valid"), (page.Status, page.Heading));
            Assert.Null(page.Response.Headers.Location);
        });
        Assert.StartsWith("Allow ", (await browser.Get(app.Authorize())).Heading, StringComparison.Ordinal);

        Task<WebPage> Forged(WebPage page, string choice, params (string, string)[] values)
        {
            var fields = page.Fields.Where(field => field.Key != "form_token" || token is not null).ToDictionary();
            if (token is not null)
            {
                fields["form_token"] = token == "of another browser" ? foreign : token;
            }

            return browser.Press(page with { Html = Form(page, fields) }, choice, values);
        }

        static string Form(WebPage page, Dictionary<string, string> fields) =>
            $"""<form method="post" action="{page.FormAction}">"""
            + string.Concat(fields.Select(field =>
                $"""<input type="hidden" name="{field.Key}" value="{WebUtility.HtmlEncode(field.Value)}">"""));
    }

    [Fact]
    public async Task Consent_form_of_another_user_is_rejected()
    {
        var (app, first, second) = (await parts.Host.NewApp(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var consent = await browser.SignIn(app.Authorize(), first);
        await browser.SignIn(app.Authorize(("prompt", "login")), second);

        Assert.Equal("This form is no longer valid", (await browser.Press(consent, "allow")).Heading);
    }

    [Fact]
    public async Task Names_and_parameters_are_encoded_in_pages()
    {
        var (app, person) = (await parts.Host.NewApp($"App {Payload}"), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var authorize = app.Authorize(("state", Payload), ("login_hint", Payload), ($"odd{Payload}", Payload));

        var signIn = await browser.Get(authorize);
        var wrong = await browser.Press(signIn, "sign-in", ("username", Payload), ("password", Payload));
        var consent = await browser.SignIn(authorize, person);
        var refused = await browser.Get(app.Authorize(("redirect_uri", $"https://app.example/{Payload}")));
        var signOut = await browser.Get(TestApp.Logout(("state", Payload), ("id_token_hint", Payload)));
        var activation = await browser.Get($"/account/activate?token={Uri.EscapeDataString(Payload)}");

        Assert.All([signIn, wrong, consent, refused, signOut, activation], AssertRunsNothing);
        Assert.Equal((Payload, Payload), (signIn.Fields["state"], signIn.Fields["username"]));
        Assert.Equal(Payload, activation.Fields["token"]);
        Assert.Equal($"Allow App {Payload}?", consent.Heading);
        Assert.Equal(Payload, (await browser.Press(consent, "deny")).Sent("state"));
    }

    [Theory]
    [InlineData("redirect_uri", "https://evil.example/")]
    [InlineData("redirect_uri", "//evil.example/")]
    [InlineData("client_id", "demo-app")]
    public async Task Altered_form_does_not_redirect_to_another_address(string field, string value)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var page = await browser.Get(app.Authorize());

        var signIn = await browser.Press(page, "sign-in", ("username", person.Username), ("password", TestUser.Password), (field, value));
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
        var allow = await browser.Press(await browser.SignIn(app.Authorize(), person), "allow", (field, value));

        Assert.All([signIn, allow], response =>
        {
            Assert.Equal((HttpStatusCode.BadRequest, "This link does not work"), (response.Status, response.Heading));
            Assert.Null(response.Response.Headers.Location);
        });
    }

    [Theory, InlineData("returnUrl"), InlineData("ReturnUrl"), InlineData("redirect"), InlineData("request_uri")]
    public async Task Sign_in_never_redirects_to_another_site(string parameter)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var page = await browser.Get(app.Authorize((parameter, "https://evil.example/")));
        if (parameter == "request_uri")
        {
            Assert.StartsWith($"{TestApp.RedirectUri}?error=", page.Location.AbsoluteUri, StringComparison.Ordinal);
            return;
        }

        var response = await browser.Press(page, "sign-in", ("username", person.Username), ("password", TestUser.Password));

        Assert.StartsWith("/connect/authorize?", response.Response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    // A module in a host of its own reads the keys over https, which no proxy provides here.
    [Fact, Trait("Hosts", "one")]
    public async Task Cookies_are_http_only_and_not_sent_by_other_sites()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());

        await using var overTls = await RunningHost.Start(
            parts.Settings, ("Auth:Issuer", "https://ecg.example.org/"), ("Demo:Anywhere", "true"));

        Assert.Equal(
            [
                "idoven-form; path=/; samesite=lax; httponly", "idoven-device; max-age=15552000; path=/; samesite=lax; httponly",
                "idoven-session; path=/; samesite=lax; httponly",
            ],
            await Cookies(parts.Host));
        Assert.Equal(
            [
                "__Host-idoven-form; path=/; secure; samesite=lax; httponly",
                "__Host-idoven-device; max-age=15552000; path=/; secure; samesite=lax; httponly",
                "__Host-idoven-session; path=/; secure; samesite=lax; httponly",
            ],
            await Cookies(overTls));

        async Task<IEnumerable<string>> Cookies(RunningHost host)
        {
            using var client =
                new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = host.Address };
            client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
            var page = await WebPage.Read(await client.GetAsync(app.Authorize()), host.Address);
            var form = page.Response.Headers.GetValues("Set-Cookie").Single();
            client.DefaultRequestHeaders.Add("Cookie", form.Split(';')[0]);
            using var signedIn = await client.PostAsync(
                "/connect/authorize", new FormUrlEncodedContent(new Dictionary<string, string>(page.Fields)
                {
                    ["answer"] = "sign-in",
                    ["username"] = person.Username,
                    ["password"] = TestUser.Password,
                }));
            return signedIn.Headers.GetValues("Set-Cookie").Prepend(form).Select(cookie => Value().Replace(cookie, ""));
        }
    }

    private async Task<WebPage> Page(Browser browser, string name)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        return name switch
        {
            "sign-in" => await browser.Get(app.Authorize()),
            "wrong password" => await browser.Press(
                await browser.Get(app.Authorize()), "sign-in", ("username", person.Username), ("password", "wrong")),
            "consent" => await browser.SignIn(app.Authorize(), person),
            "bad redirect URI" => await browser.Get(app.Authorize(("redirect_uri", "https://evil.example/"))),
            "expired form" => await browser.Press(await browser.Get(app.Authorize()), "sign-in", ("form_token", "old")),
            "sign-out" => await SignedIn(TestApp.Logout()),
            "sign-out that was asked for badly" => await SignedIn(TestApp.Logout(("post_logout_redirect_uri", "https://evil.example/"))),
            "signed out" => await browser.Press(await SignedIn(TestApp.Logout()), "sign-out"),
            "activation" => await browser.Get("/account/activate?token=a"),
            "bad password" => await Activate("short", "short"),
            "not repeated" => await Activate(TestUser.Password, "another password"),
            "two-factor challenge" => await TwoFactorChallenge(),
            "wrong code" => await browser.Press(await TwoFactorChallenge(), "second-step", ("code", "no code")),
            "set-up" => await SetUp(),
            "recovery codes" => await SetUp() is var page
                ? await browser.Press(page, "set-up", ("code", new Authenticator(SetupKey(page)).Code()))
                : null!,
            "recovery" => await browser.Get("/account/recovery"),
            "recovery asked for" => await browser.Press(await browser.Get("/account/recovery"), "ask", ("identifier", "no-such-user")),
            "recovery link" => await browser.Get("/account/recovery?token=a"),
            "recovery code" => await browser.Get("/account/recovery/code"),
            "wrong recovery code" => await browser.Press(
                await browser.Get("/account/recovery/code"), "use-code", ("identifier", Payload), ("code", "a"),
                ("password", TestUser.Password), ("repeated", TestUser.Password)),
            "e-mail" => await browser.Get("/account/email?token=a"),
            "dead e-mail link" => await browser.Press(
                await browser.Get("/account/email?token=a"), "verify", ("password", TestUser.Password)),
            _ => await Activate(TestUser.Password, TestUser.Password, "no-such-token"),
        };

        static string SetupKey(WebPage setUp) =>
            setUp.Text.Split("for time-based codes:")[1].Split("Then")[0].Replace(" ", "", StringComparison.Ordinal).Trim();

        async Task<WebPage> TwoFactorChallenge()
        {
            await parts.Host.TurnSecondFactorOn(person);
            return await browser.Press(
                await browser.Get(app.Authorize()), "sign-in", ("username", person.Username), ("password", TestUser.Password));
        }

        async Task<WebPage> SetUp() => await browser.Press(
            await browser.Get(app.Authorize(("acr_values", "mfa"))), "sign-in", ("username", person.Username),
            ("password", TestUser.Password));

        async Task<WebPage> SignedIn(string address)
        {
            await browser.SignIn(app.Authorize(), person);
            return await browser.Get(address);
        }

        async Task<WebPage> Activate(string password, string repeated, string? token = null)
        {
            using var admin = await parts.Host.Admin();
            token ??= (await parts.Host.RegisterKnown(admin, TestUsers.NewName())).Token();
            return await browser.Press(
                await browser.Get($"/account/activate?token={token}"), "choose", ("password", password), ("repeated", repeated));
        }
    }

    /// <summary>
    /// Asserts that no tag or attribute can run script or imitate the page, and that quoted text cannot end its quotation.
    /// </summary>
    private static void AssertRunsNothing(WebPage page) => Assert.DoesNotMatch(ScriptOrStyle(), Quoted().Replace(page.Html, "\"\""));

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("<style>(?<text>.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("""<script|<img|<iframe|<link|<[^>]*\s(on\w+|style)\s*=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex ScriptOrStyle();

    [GeneratedRegex("""<input id="(?<id>[^"]*)"[^>]*?(aria-describedby="(?<notes>[^"]*)"[^>]*)?>""")]
    private static partial Regex SeenInput();

    [GeneratedRegex("""<input [^>]*name="(password|repeated)"[^>]*>""")]
    private static partial Regex PasswordInput();

    [GeneratedRegex("(?<=idoven-[a-z]+)=[^;]*")]
    private static partial Regex Value();
}
