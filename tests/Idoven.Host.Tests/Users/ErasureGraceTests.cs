using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Users.Contracts;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Tests the protection against accidental deletion of a user: a recent sign-in is required, and the deletion can be reverted for some
/// time.
/// </summary>
[Trait("Hosts", "one")]
public sealed class ErasureGraceTests(RunningParts parts)
{
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    [Fact]
    public async Task Deleted_user_can_be_restored_in_the_grace_period_and_is_erased_after_it()
    {
        var settings = await parts.OwnParts();
        var clock = new StoppedClock();
        await using var host = await RunningHost.StartAt(clock, settings, ("Users:Erasure:Grace", $"{Grace:c}"));
        using var admin = await host.Admin();
        using var machine = host.Client(await host.NewOwnerToken("users:write"));
        var (person, other) = (await host.NewPerson(), await host.NewPerson());
        using var owner = await host.SignIn(person);
        await owner.EndStatus(await owner.Submit());

        await Delete();

        var user = await User();
        Assert.False(user.GetProperty("enabled").GetBoolean());
        Assert.Equal(clock.Now + Grace, user.GetProperty("eraseAt").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        await Eventually.Holds(async () => (await owner.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Token(person));
        await (await admin.GetAsync($"{TestUsers.Route}/erasures/{person.Id}")).Problem(HttpStatusCode.NotFound);

        using (var enabled = await admin.Patch(person.Id, """{"enabled":true}"""))
        {
            Assert.Equal(JsonValueKind.Null, (await enabled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("eraseAt").ValueKind);
        }

        await Eventually.Holds(async () => await host.Query<bool>("select is_enabled from identity.accounts where id = $1", person.Id));
        Assert.NotNull((await host.Token(person)).AccessToken);

        // The other user is due a second earlier and shows that the worker has run.
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{other.Id}")).StatusCode);
        clock.Now += TimeSpan.FromSeconds(1);
        await Delete();
        clock.Now += Grace - TimeSpan.FromSeconds(1);
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from users.users where id = $1", other.Id) == 0);
        Assert.Equal((1L, 1L), await Kept());

        // A second deletion does not extend the grace period.
        Assert.Equal(HttpStatusCode.NoContent, (await machine.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);
        clock.Now += TimeSpan.FromSeconds(1);
        await Eventually.Holds(async () => await Kept() == (0, 0));
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.accounts where id = $1", person.Id) == 0);
        Assert.Equal(
            "user.delete scheduled, user.delete scheduled, user.enable erasure_called_off, user.erase due",
            await host.Query<string>(
                "select string_agg(action || ' ' || reason, ', ' order by action) from users.audit where target = $1 "
                    + "and reason is not null and action <> 'user.finish_erasure'",
                $"{person.Id}"));

        async Task Delete() =>
            Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);

        Task<JsonElement> User() => admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/{person.Id}");

        async Task<(long Users, long Ecgs)> Kept() => (
            await host.Query<long>("select count(*) from users.users where id = $1", person.Id),
            await host.Query<long>("select count(*) from ecgs.ecgs where owner_id = $1", $"{person.Id}"));
    }

    [Fact]
    public async Task A_person_deletes_users_only_shortly_after_signing_in_and_a_machine_client_at_any_time()
    {
        var (first, second) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var stale = parts.Host.Client(Token(minutesAgo: 16));
        using var fresh = parts.Host.Client(Token(minutesAgo: 14));
        using var machine = parts.Host.Client(await parts.Host.NewOwnerToken("users:write"));

        using var refused = await stale.DeleteAsync($"{TestUsers.Route}/{first.Id}");

        await refused.Problem(HttpStatusCode.Unauthorized);
        Assert.Equal(
            "Bearer error=\"insufficient_user_authentication\", error_description=\"A recent sign-in is needed\", max_age=\"900\"",
            refused.Headers.WwwAuthenticate.ToString());
        await (await stale.DeleteAsync($"{TestUsers.Route}/{Guid.CreateVersion7()}")).Problem(HttpStatusCode.NotFound);
        Assert.Equal(1L, await parts.Host.Query<long>("select count(*) from users.users where id = $1", first.Id));
        Assert.Equal(HttpStatusCode.NoContent, (await fresh.DeleteAsync($"{TestUsers.Route}/{first.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await machine.DeleteAsync($"{TestUsers.Route}/{second.Id}")).StatusCode);

        string Token(int minutesAgo) => new RouteToken(
            "users:write", UsersScopes.Audience, $"{Guid.CreateVersion7()}", UserRole.Admin, "by-hand", $"{Guid.NewGuid()}").Make(
            parts.Host, parts.Settings.Issuer,
            token => token.Subject.AddClaim(
                new("auth_time", $"{TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo).ToUnixTimeSeconds()}")));
    }
}
