using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests OpenID Connect RP-Initiated Logout.</summary>
public sealed class LogoutTests(RunningParts parts)
{
    [Fact]
    public async Task Logout_without_an_id_token_asks_for_confirmation()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);

        var page = await browser.Get(
            TestApp.Logout(("client_id", app.Id), ("post_logout_redirect_uri", TestApp.SignedOutUri), ("state", "a state")));

        Assert.Equal("Sign out?", page.Heading);
        Assert.Null(await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal($"{TestApp.SignedOutUri}?state=a%20state", (await browser.Press(page, "sign-out")).Location.AbsoluteUri);
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
    }

    [Fact]
    public async Task Logout_without_a_redirect_uri_shows_a_confirmation_page()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);

        var page = await browser.Get(TestApp.Logout(("id_token_hint", tokens.IdToken)));

        Assert.Equal((HttpStatusCode.OK, "You are signed out"), (page.Status, page.Heading));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("You are signed out", (await browser.Get(TestApp.Logout())).Heading);
    }

    [Theory]
    [InlineData("https://app.example/signed-out/")]
    [InlineData("https://app.example/Signed-out")]
    [InlineData("https://app.example/signed-out?a=b")]
    [InlineData("https://app.example:8443/signed-out")]
    [InlineData("https://app.example/signed-in")]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    public async Task Logout_never_redirects_to_an_unregistered_address(string address)
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);

        var page = await browser.Get(TestApp.Logout(("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", address)));

        Assert.Equal((HttpStatusCode.BadRequest, "Sign out?"), (page.Status, page.Heading));
        Assert.Null(await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        using var signedOut = new Browser(parts.Host);
        Assert.Equal(
            (HttpStatusCode.BadRequest, "This link does not work"),
            await Seen(signedOut.Get(TestApp.Logout(("post_logout_redirect_uri", address)))));
        Assert.Equal("You are signed out", (await browser.Press(page, "sign-out")).Heading);
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
    }

    private static async Task<(HttpStatusCode Status, string Heading)> Seen(Task<WebPage> getting)
    {
        var page = await getting;
        return (page.Status, page.Heading);
    }

    [Fact]
    public async Task Invalid_id_token_signs_no_user_out()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var middle = tokens.IdToken.Length / 2;
        var altered = tokens.IdToken[..middle] + (tokens.IdToken[middle] == 'A' ? 'B' : 'A') + tokens.IdToken[(middle + 1)..];

        foreach (var hint in new[] { altered, "a.b.c", tokens.AccessToken, tokens.RefreshToken })
        {
            Assert.Equal("Sign out?", (await browser.Get(TestApp.Logout(("id_token_hint", hint)))).Heading);
        }

        Assert.NotNull((await browser.Get(app.Authorize())).Sent("code"));
    }

    [Fact]
    public async Task Id_token_of_another_user_does_not_end_the_session_of_the_browser()
    {
        var (app, person, other) = (await parts.Host.NewApp(), await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        using var elsewhere = new Browser(parts.Host);
        await parts.Host.Tokens(browser, app, person);
        var others = await parts.Host.Tokens(elsewhere, app, other);

        Assert.Equal("Sign out?", (await browser.Get(TestApp.Logout(("id_token_hint", others.IdToken)))).Heading);

        Assert.NotNull((await browser.Get(app.Authorize())).Sent("code"));
        Assert.NotNull((await elsewhere.Get(app.Authorize())).Sent("code"));
    }

    [Fact]
    public async Task Id_token_ends_its_session_without_the_browser_cookie()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        using var forgetful = new Browser(parts.Host);

        // A client may also send the request as a form from another site.
        var back = await forgetful.Post(
            new Uri(parts.Host.Address, "/connect/logout"), new()
            {
                ["id_token_hint"] = tokens.IdToken,
                ["post_logout_redirect_uri"] = TestApp.SignedOutUri,
            });

        Assert.Equal(TestApp.SignedOutUri, back.Location.AbsoluteUri);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("Sign in", (await browser.Get(app.Authorize())).Heading);
    }
}
