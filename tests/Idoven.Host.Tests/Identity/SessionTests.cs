using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class SessionTests(RunningParts parts)
{
    [Fact]
    public async Task Ones_own_sessions_are_listed_and_nobody_elses_can_be_ended()
    {
        var person = await parts.Host.NewPerson();
        var (first, second) = (await parts.Host.Token(person), await parts.Host.Token(person));
        using var self = parts.Host.Client(second.AccessToken);
        using var other = await parts.Host.SignIn(await parts.Host.NewPerson());

        var sessions = (await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([Sid(second), Sid(first)], sessions.Select(session => session.GetProperty("id").GetString()));
        Assert.Equal([true, false], sessions.Select(session => session.GetProperty("current").GetBoolean()));
        Assert.All(sessions, session => Assert.Equal("idoven-cli", session.GetProperty("clientId").GetString()));
        foreach (var id in new[] { Sid(first), Guid.CreateVersion7().ToString(), "no-id" })
        {
            await (await other.DeleteAsync($"/account/sessions/{id}")).Problem(HttpStatusCode.NotFound);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/sessions/{Sid(first)}")).StatusCode);
        await (await self.DeleteAsync($"/account/sessions/{Sid(first)}")).Problem(HttpStatusCode.NotFound);
        Assert.Single((await self.GetFromJsonAsync<JsonElement>("/account/sessions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_password_is_changed_by_who_knows_the_old_one()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);

        Assert.Equal("/currentPassword", await Change("a wrong password", "another good password").Pointer());
        Assert.Equal("/newPassword", await Change(Person.Password, "short").Pointer());
        Assert.Equal("/newPassword", await Change(Person.Password, person.Username).Pointer());
        Assert.Equal(HttpStatusCode.NoContent, (await Change(Person.Password, "another good password")).StatusCode);

        Assert.NotNull((await parts.Host.Token(person.Username, "another good password", "ecgs:read")).AccessToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(person));

        Task<HttpResponseMessage> Change(string currentPassword, string newPassword) =>
            self.PostAsync("/account/password", JsonContent.Create(new { currentPassword, newPassword }));
    }

    [Fact]
    public async Task Sessions_are_for_people_who_signed_in_with_openid()
    {
        using var machine = await parts.Host.NewOwner("ecgs:read");
        using var without = await parts.Host.SignIn(await parts.Host.NewPerson(), "ecgs:read offline_access");

        await (await machine.GetAsync("/account/sessions")).Problem(HttpStatusCode.Unauthorized);
        await (await without.GetAsync("/account/sessions")).Problem(HttpStatusCode.Forbidden);
    }

    private static string Sid(TokenResponse token) => new JsonWebToken(token.AccessToken).GetClaim("sid").Value;
}
