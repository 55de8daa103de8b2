using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests that users see the consents they gave to applications and can withdraw them.</summary>
public sealed class ConsentTests(RunningParts parts)
{
    private const string Route = "/account/applications";

    [Fact]
    public async Task User_lists_and_withdraws_a_consent_and_is_asked_again()
    {
        var (app, person) = (await parts.Host.NewApp("A ward's viewer"), await parts.Host.NewPerson());
        using var self = await parts.Host.SignIn(person);
        using var other = await parts.Host.SignIn(await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        Assert.Empty(await Applications(self));
        await browser.SignInAndAllow(app.Authorize(("scope", "openid")), person);
        var tokens = await parts.Host.Redeem(app, (await browser.Press(await browser.Get(app.Authorize()), "allow")).Sent("code")!);
        var code = (await browser.Get(app.Authorize())).Sent("code")!;

        var listed = Assert.Single(await Applications(self));
        Assert.Equal((app.Id, "A ward's viewer"), (listed.GetProperty("clientId").GetString(), listed.GetProperty("name").GetString()));
        Assert.Equal(
            TestApp.Scope.Split(' ').Order(StringComparer.Ordinal),
            listed.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
        var since = listed.GetProperty("since").GetDateTimeOffset();
        var used = listed.GetProperty("lastUsedAt").GetDateTimeOffset();
        var now = TimeProvider.System.GetUtcNow();

        // The time of a token is in whole seconds.
        Assert.True(now.AddMinutes(-2) < since && since < used.AddSeconds(1) && used <= now, $"{since:O} {used:O} {now:O}");
        Assert.Empty(await Applications(other));
        await (await other.DeleteAsync($"{Route}/{app.Id}")).Problem(HttpStatusCode.NotFound);
        Assert.NotNull((await browser.Get(app.Authorize())).Sent("code"));

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"{Route}/{app.Id}")).StatusCode);

        await (await self.DeleteAsync($"{Route}/{app.Id}")).Problem(HttpStatusCode.NotFound);
        Assert.Empty(await Applications(self));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));
        using var withToken = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await withToken.GetAsync("/connect/userinfo")).StatusCode);

        // This application had begun the session.
        Assert.StartsWith("Allow ", (await browser.SignIn(app.Authorize(("scope", "openid")), person)).Heading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withdrawn_consent_keeps_other_applications_signed_in_and_prompt_none_returns_consent_required()
    {
        var (first, app, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var self = await parts.Host.SignIn(person);
        using var browser = new Browser(parts.Host);
        await browser.SignInAndAllow(first.Authorize(), person);
        await browser.Press(await browser.Get(app.Authorize()), "allow");
        var silent = app.Authorize(("prompt", "none"));
        var code = (await browser.Get(silent)).Sent("code")!;

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"{Route}/{app.Id}")).StatusCode);

        Assert.Equal("consent_required", (await browser.Get(silent)).Sent("error"));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));
        Assert.NotNull((await browser.Get(first.Authorize(("prompt", "none")))).Sent("code"));
    }

    /// <summary>A code can be issued while the consent is being withdrawn, so that the withdrawal does not find it.</summary>
    [Fact]
    public async Task Code_or_refresh_token_without_its_consent_is_rejected()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var code = (await browser.Get(app.Authorize())).Sent("code")!;

        await parts.Host.Execute($"delete from identity.authorizations where type = 'permanent' and subject = '{person.Id}'");

        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Code(code)));
        Assert.Equal("invalid_grant", await parts.Host.TokenError(app.Refresh(tokens.RefreshToken)));
    }

    [Fact]
    public async Task Device_is_listed_and_its_tokens_end_with_its_consent()
    {
        var (client, person) = (await parts.Host.NewDevice(), await parts.Host.NewPerson());
        using var self = await parts.Host.SignIn(person);
        var device = await parts.Host.BeginDevice(client);
        using var browser = new Browser(parts.Host);
        await browser.Press(await browser.SignIn(device.VerificationUriComplete, person), "allow");
        var tokens = await parts.Host.Token(Devices.Poll(client, device.DeviceCode));
        tokens = await parts.Host.Token(
            new() { ["grant_type"] = "refresh_token", ["client_id"] = client, ["refresh_token"] = tokens.RefreshToken! });
        using var withToken = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await withToken.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal(["A bedside monitor"], (await Applications(self)).Select(listed => listed.GetProperty("name").GetString()));

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"{Route}/{client}")).StatusCode);

        Assert.Equal(
            "invalid_grant",
            await parts.Host.TokenError(
                new() { ["grant_type"] = "refresh_token", ["client_id"] = client, ["refresh_token"] = tokens.RefreshToken! }));
        await Eventually.Holds(async () => (await withToken.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        Assert.DoesNotContain(client, await self.GetStringAsync("/account/sessions"), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<JsonElement>> Applications(HttpClient self) =>
        [.. (await self.GetFromJsonAsync<JsonElement>(Route)).GetProperty("items").EnumerateArray()];
}
