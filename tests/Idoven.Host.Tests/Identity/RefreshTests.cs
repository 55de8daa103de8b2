using System.Globalization;
using System.Net;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests that a refresh token is redeemed once, and once more within ten seconds if the response was lost. Any other use ends the session.
/// <c>IDOVEN_REFRESH_ROUNDS</c> sets the number of rounds of concurrent uses (the nightly run: 200).
/// </summary>
[Trait("Hosts", "one")]
public sealed class RefreshTests(RunningParts parts, ITestOutputHelper output)
{
    private const int AtOnce = 15;
    private static readonly int Rounds = int.Parse(
        Environment.GetEnvironmentVariable("IDOVEN_REFRESH_ROUNDS") ?? "40", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Of_15_uses_at_the_same_moment_one_refresh_token_works_afterwards()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var tokens = await parts.Host.Tokens(browser, app, person);
        var retries = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var responses = await Task.WhenAll(
                Enumerable.Range(0, AtOnce).Select(i => (i % 2 == 0 ? parts.Host : second).Refresh(app, tokens.RefreshToken)));

            Assert.All(responses, response =>
                Assert.True(response.Tokens is not null || response.Error == "invalid_grant", response.Error));
            var issued = responses.Select(response => response.Tokens).OfType<AppTokens>().ToList();
            Assert.InRange(issued.Count, 1, 2);
            retries += issued.Count - 1;
            var valid = Assert.Single(await ValidRefreshTokens(person));
            tokens = Assert.Single(issued, one => parts.Host.TokenId(one.RefreshToken) == valid);
        }

        Assert.Null((await parts.Host.Refresh(app, tokens.RefreshToken)).Error);
        using var client = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(EcgCalls.Route)).StatusCode);
        output.WriteLine($"{Rounds} rounds of {AtOnce} uses: {retries} retries");
    }

    [Fact]
    public async Task Client_that_lost_the_response_can_repeat_a_refresh_once_within_ten_seconds()
    {
        var clock = new StoppedClock();
        await using var host = await RunningHost.StartAt(clock, parts.Settings);
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(host);
        var signedIn = await host.Tokens(browser, app, person);
        var lost = (await host.Refresh(app, signedIn.RefreshToken)).Tokens!;

        clock.Now += Window - TimeSpan.FromMilliseconds(1);
        var again = (await host.Refresh(app, signedIn.RefreshToken)).Tokens!;
        var third = await host.Refresh(app, signedIn.RefreshToken);

        Assert.Equal("invalid_grant", third.Error);
        Assert.Equal([host.TokenId(again.RefreshToken)], await ValidRefreshTokens(person));
        Assert.Equal(
            "revoked", await host.Query<string>("select status from identity.tokens where id = $1", host.TokenId(lost.RefreshToken)));
        Assert.Equal(Session(signedIn), Session(again));
        Assert.Null((await host.Refresh(app, again.RefreshToken)).Error);
    }

    [Theory]
    [InlineData("the token, after ten seconds")]
    [InlineData("the token, after ten seconds and a retry")]
    [InlineData("the token, after the next one was used")]
    [InlineData("the token, by another client")]
    [InlineData("the token of the lost answer, after the retry")]
    [InlineData("the token, after it was revoked")]
    public async Task Any_other_use_of_a_redeemed_or_revoked_refresh_token_ends_the_session_everywhere(string use)
    {
        var clock = new StoppedClock();
        await using var host = await RunningHost.StartAt(clock, parts.Settings);
        var (app, other, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(host);
        var signedIn = await host.Tokens(browser, app, person);
        var next = (await host.Refresh(app, signedIn.RefreshToken)).Tokens!;
        var (reused, newest, client) = (signedIn, next, app);
        switch (use)
        {
            case "the token, after ten seconds":
                clock.Now += Window;
                break;
            case "the token, after ten seconds and a retry":
                newest = (await host.Refresh(app, signedIn.RefreshToken)).Tokens!;
                clock.Now += Window;
                break;
            case "the token, after the next one was used":
                clock.Now += TimeSpan.FromSeconds(1);
                newest = (await host.Refresh(app, next.RefreshToken)).Tokens!;
                break;
            case "the token, by another client":
                client = other;
                break;
            case "the token of the lost answer, after the retry":
                newest = (await host.Refresh(app, signedIn.RefreshToken)).Tokens!;
                reused = next;
                break;
            default:
                using (await host.Anonymous.PostAsync(
                    "/connect/revoke", new FormUrlEncodedContent(app.Client(new() { ["token"] = next.RefreshToken }))))
                {
                    reused = next;
                }

                break;
        }

        using var api = parts.Host.Client(newest.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal("invalid_grant", (await host.Refresh(client, reused.RefreshToken)).Error);

        Assert.Equal("invalid_grant", (await host.Refresh(app, newest.RefreshToken)).Error);
        Assert.Equal("login_required", (await browser.Get(app.Authorize(("prompt", "none")))).Sent("error"));
        foreach (var tokens in new[] { signedIn, next, newest })
        {
            using var holder = parts.Host.Client(tokens.AccessToken);
            foreach (var route in new[] { EcgCalls.Route, $"{TestUsers.Route}/me", "/account/sessions" })
            {
                await Eventually.Holds(async () => (await holder.GetAsync(route)).StatusCode == HttpStatusCode.Unauthorized);
            }
        }

        Assert.Equal(
            "session.end token_replayed, token.replay refresh_token",
            await host.Query<string>(
                "select string_agg(action || ' ' || reason, ', ' order by action) from identity.audit where (session_id = $1 "
                    + "or target = $1::text) and (action = 'token.replay' or reason = 'token_replayed')",
                Guid.Parse(Session(signedIn))));
    }

    private Task<Guid[]> ValidRefreshTokens(TestUser person) => parts.Host.Query<Guid[]>(
        "select coalesce(array_agg(id), '{}') from identity.tokens where subject = $1 and type like '%refresh_token' "
            + "and status = 'valid'", person.Id.ToString());

    private static string Session(AppTokens tokens) => new JsonWebToken(tokens.AccessToken).GetClaim("sid").Value;
}
