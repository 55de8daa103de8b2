using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Revoked tokens are rejected by every module on every host. <see cref="RevocationDelayTests"/> measures how soon.</summary>
public sealed class RevocationTests(RunningParts parts)
{
    /// <summary>One route of each module.</summary>
    private static readonly string[] Routes = [EcgCalls.Route, $"{TestUsers.Route}/me", "/account/sessions"];

    [Theory]
    [InlineData("disabled")]
    [InlineData("deleted")]
    [InlineData("password changed")]
    [InlineData("signed out everywhere")]
    [InlineData("session ended")]
    [InlineData("refresh token replayed")]
    public async Task Tokens_are_rejected_by_every_module_on_two_hosts(string cause)
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var person = await parts.Host.NewPerson();
        var tokens = await parts.Host.Token(person);
        var other = await parts.Host.Token(person);
        RunningHost[] hosts = [parts.Host, second];
        Assert.Equal([HttpStatusCode.OK], await Answers(hosts, tokens.AccessToken));
        using var admin = await second.Admin();
        using var self = second.Client(tokens.AccessToken);
        if (cause == "refresh token replayed")
        {
            Assert.True(await Refreshes(tokens));
            await parts.Host.EndRetryWindow(person.Id.ToString());
        }

        using var done = cause switch
        {
            "disabled" => await admin.Patch(person.Id, """{"enabled":false}"""),
            "deleted" => await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}"),
            "password changed" => await self.PostAsync(
                "/account/password",
                JsonContent.Create(new { currentPassword = TestUser.Password, newPassword = "another good password" })),
            "signed out everywhere" => await self.DeleteAsync("/account/sessions"),
            "refresh token replayed" => await Refresh(tokens),
            _ => await self.DeleteAsync($"/account/sessions/{new JsonWebToken(tokens.AccessToken).GetClaim("sid").Value}"),
        };
        Assert.True(
            done.IsSuccessStatusCode || (cause == "refresh token replayed" && done.StatusCode == HttpStatusCode.BadRequest),
            $"{done.StatusCode}");

        await Eventually.Holds(async () => await Answers(hosts, tokens.AccessToken) is [HttpStatusCode.Unauthorized]);
        // A refresh token ends with its session; another session of the user ends only if all sessions end.
        Assert.False(await Refreshes(tokens));
        var isOnlyOne = cause is "session ended" or "refresh token replayed";
        Assert.Equal(isOnlyOne, await Answers(hosts, other.AccessToken) is [HttpStatusCode.OK]);
        Assert.Equal(isOnlyOne, await Refreshes(other));
    }

    /// <summary>
    /// In a session that another application began, only the tokens of this application end. In a session that it began itself, those of
    /// all applications end.
    /// </summary>
    [Fact]
    public async Task Tokens_of_an_application_are_rejected_by_every_module_on_two_hosts_once_its_access_is_withdrawn()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var (first, app, person) = (await parts.Host.NewApp(), await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var beside = await parts.Host.Tokens(browser, first, person);
        var tokens = await parts.Host.Redeem(app, (await browser.Press(await browser.Get(app.Authorize()), "allow")).Sent("code")!);
        RunningHost[] hosts = [parts.Host, second];
        Assert.Equal([HttpStatusCode.OK], await Answers(hosts, tokens.AccessToken));
        using var self = second.Client((await parts.Host.Token(person)).AccessToken);

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/applications/{app.Id}")).StatusCode);

        await Eventually.Holds(async () => await Answers(hosts, tokens.AccessToken) is [HttpStatusCode.Unauthorized]);
        Assert.Equal("invalid_grant", await second.TokenError(app.Refresh(tokens.RefreshToken)));
        Assert.Equal([HttpStatusCode.OK], await Answers(hosts, beside.AccessToken));
        Assert.Null(await second.TokenError(first.Refresh(beside.RefreshToken)));

        var renewed = await parts.Host.Redeem(app, (await browser.Press(await browser.Get(app.Authorize()), "allow")).Sent("code")!);
        Assert.Equal([HttpStatusCode.OK], await Answers(hosts, renewed.AccessToken));
        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/applications/{first.Id}")).StatusCode);
        await Eventually.Holds(async () => await Answers(hosts, renewed.AccessToken) is [HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Removed_client_is_rejected_and_its_ecgs_are_erased()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        using var admin = await second.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write");
        var token = await parts.Host.MachineToken(id, secret, "ecgs:read ecgs:write");
        using var client = parts.Host.Client(token);
        var ecg = await client.Submit();
        RunningHost[] hosts = [parts.Host, second];

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/clients/{id}")).StatusCode);

        await Eventually.Holds(async () => await Answers(hosts, token, EcgCalls.Route) is [HttpStatusCode.Unauthorized]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, secret, "ecgs:read"));
        await Eventually.Holds(async () => await parts.Host.Query<long>("select count(*) from ecgs.ecgs where id = $1", ecg) == 0);
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.tokens where subject = $1", $"client:{id}"));
    }

    [Fact]
    public async Task Host_is_ready_once_it_has_read_the_revocations_of_its_downtime()
    {
        var settings = await parts.OwnParts();
        await using var identity = await RunningHost.Start(settings, ("Modules:Enabled", "Users,Identity"));
        var person = await identity.NewPerson();
        var token = (await identity.Token(person)).AccessToken;
        using var superadmin = await identity.Superadmin();
        for (var revoked = 1; revoked <= 20; revoked++)
        {
            // The changes are sent one after the other: an older version of the user that arrives late is ignored.
            await superadmin.Patch(person.Id, """{"enabled":false}""");
            await Eventually.Holds(async () => await identity.Query<long>(
                "select count(*) from identity.outbox where type like '%SessionsRevoked' and sent_at is not null") == revoked);
            await superadmin.Patch(person.Id, """{"enabled":true}""");
            await Eventually.Holds(
                async () => await identity.Query<bool>("select is_enabled from identity.accounts where id = $1", person.Id));
        }

        await using var ecgs = await RunningHost.Start(
            settings,
            ("Modules:Enabled", "Ecgs"),
            ("Auth:MetadataAddress", new Uri(identity.Address, ".well-known/openid-configuration").AbsoluteUri));
        using var owner = ecgs.Client(token);

        await (await owner.GetAsync(EcgCalls.Route)).Problem(HttpStatusCode.Unauthorized);
        Assert.Equal(20, await ecgs.Query<int>("select generation from ecgs.revocations where subject = $1", person.Id.ToString()));
        using var again = ecgs.Client((await identity.Token(person)).AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync(EcgCalls.Route)).StatusCode);
    }

    /// <summary>Returns the distinct responses of all hosts and modules.</summary>
    private static async Task<HttpStatusCode[]> Answers(RunningHost[] hosts, string token, params string[] routes)
    {
        var responses = await Task.WhenAll(
            from host in hosts
            from route in routes.Length == 0 ? Routes : routes
            select Answer(host, route));
        return [.. responses.Distinct()];

        async Task<HttpStatusCode> Answer(RunningHost host, string route)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, route);
            request.Headers.Authorization = new("Bearer", token);
            using var response = await host.Anonymous.SendAsync(request);
            return response.StatusCode;
        }
    }

    private async Task<bool> Refreshes(TokenResponse tokens)
    {
        using var response = await Refresh(tokens);
        Assert.Equal(
            response.IsSuccessStatusCode,
            !(await response.Content.ReadAsStringAsync()).Contains("invalid_grant", StringComparison.Ordinal));
        return response.IsSuccessStatusCode;
    }

    private Task<HttpResponseMessage> Refresh(TokenResponse tokens) =>
        parts.Host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "idoven-cli",
            ["refresh_token"] = tokens.RefreshToken!,
        }));
}
