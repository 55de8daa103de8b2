using System.Net;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class RevocationRetentionTests(RunningParts parts)
{
    [Theory]
    [InlineData("ecgs")]
    [InlineData("users")]
    [InlineData("identity")]
    public async Task A_revocation_is_kept_until_every_token_that_it_revokes_has_expired(string module)
    {
        var person = await parts.Host.NewPerson();
        var token = new JsonWebToken((await parts.Host.Token(person)).AccessToken);
        using var admin = await parts.Host.Admin();

        using var disabled = await admin.Patch(person.Id, """{"enabled":false}""");
        Assert.True(disabled.IsSuccessStatusCode);

        var isKnown = $"select exists (select from {module}.revocations where subject = $1)";
        await Eventually.Holds(() => parts.Host.Query<bool>(isKnown, $"{person.Id}"));
        var expiresAt = await parts.Host.Query<DateTime>(
            $"select min(expires_at) from {module}.revocations where subject = $1", $"{person.Id}");
        Assert.InRange(expiresAt, token.ValidTo, token.ValidTo + TimeSpan.FromHours(2));
    }

    /// <summary>The revocations are made older in the database. The last step shows that nothing else rejects the token.</summary>
    [Fact]
    public async Task A_token_of_60_minutes_is_rejected_for_61_minutes_after_it_was_revoked()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Auth:AccessTokenLifetime", "01:00:00"));
        var person = await host.NewPerson();
        var token = (await host.Token(person)).AccessToken;
        Assert.Equal(TimeSpan.FromMinutes(60), new JsonWebToken(token).ValidTo - new JsonWebToken(token).IssuedAt);
        Assert.Equal(HttpStatusCode.OK, await Status(host, token));
        await EndSession(host, token);

        await MakeOlder(host, person, "60 minutes");
        await RevokeAnother(host);
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(host, token));

        await MakeOlder(host, person, "2 minutes");
        await RevokeAnother(host);
        Assert.Equal(HttpStatusCode.OK, await Status(host, token));
    }

    private static async Task EndSession(RunningHost host, string token)
    {
        using var self = host.Client(token);
        using var ended = await self.DeleteAsync($"/account/sessions/{new JsonWebToken(token).GetClaim("sid").Value}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        await Eventually.Holds(async () => await Status(host, token) == HttpStatusCode.Unauthorized);
    }

    private static Task MakeOlder(RunningHost host, TestUser person, string interval) => host.Execute(
        $"update ecgs.revocations set expires_at = expires_at - interval '{interval}' where subject = '{person.Id}'");

    /// <summary>
    /// Revokes the token of another user. When it is rejected, the host has read the table again, and expired rows are deleted.
    /// </summary>
    private static async Task RevokeAnother(RunningHost host) =>
        await EndSession(host, (await host.Token(await host.NewPerson())).AccessToken);

    private static async Task<HttpStatusCode> Status(RunningHost host, string token)
    {
        using var client = host.Client(token);
        using var response = await client.GetAsync(EcgCalls.Route);
        return response.StatusCode;
    }
}
