using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Tests that no action of an administrator gives access to an ECG of another user. Each test tries one way to the ECG of an activated
/// user.
/// </summary>
public sealed class AdminAccessTests(RunningParts parts)
{
    [Theory, InlineData("admin"), InlineData("superadmin")]
    public async Task Activation_is_not_issued_again_for_an_activated_account(string role)
    {
        var person = await parts.Host.NewPerson();
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson(role));
        await Eventually.Holds(async () =>
            (await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/{person.Id}")).GetProperty("activatedAt").ValueKind
            != JsonValueKind.Null);

        var problem = await (await admin.PostAsync($"{TestUsers.Route}/{person.Id}/activation", null)).Problem(HttpStatusCode.Conflict);

        Assert.Equal("/problems/already-activated", problem.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Activation_token_issued_during_the_activation_is_rejected()
    {
        const int rounds = 40;
        const int enough = 3;
        using var admin = await parts.Host.Admin();
        var hits = 0;
        for (var round = 0; round < rounds && hits < enough; round++)
        {
            var username = TestUsers.NewName();
            var registered = await parts.Host.RegisterKnown(admin, username);

            // Identity has activated the account, and Users has not yet received the message about it.
            Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token())).StatusCode);
            using var issued = await admin.PostAsync($"{TestUsers.Route}/{registered.Id()}/activation", null);
            if (issued.StatusCode != HttpStatusCode.Created)
            {
                continue;
            }

            var token = (await issued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
            await (await parts.Host.Activate(token, "chosen by the admin")).Problem(HttpStatusCode.BadRequest);
            Assert.NotNull((await parts.Host.Token(username, TestUser.Password, "ecgs:read")).AccessToken);
            hits++;
        }

        Assert.InRange(hits, 1, enough);
    }

    [Fact]
    public async Task Activation_message_that_arrives_after_the_activation_is_ignored()
    {
        using var admin = await parts.Host.Admin();
        var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName());
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token())).StatusCode);
        await using var bus = await WatchingQueue.Bind(parts.Broker.Uri, UserMessages.Exchange("ActivationIssued"));

        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("the admin's token"u8));
        await bus.Handled(parts.Host, "ActivationIssued", new
        {
            userId = registered.Id(),
            version = 99,
            activationTokenHash = hash,
            activationExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1),
        });

        Assert.Equal(
            0L,
            await parts.Host.Query<long>(
                "select count(*) from identity.one_time_tokens where account_id = $1 and use = 'Activation'", registered.Id()));
        Assert.Equal("/token", await parts.Host.Activate("the admin's token", "chosen by the admin").Pointer());
    }

    [Theory, InlineData("admin"), InlineData("superadmin"), InlineData("machine")]
    public async Task Only_the_user_changes_the_address_used_for_recovery(string who)
    {
        var person = await parts.Host.NewPerson();
        using var admin = who == "machine"
            ? await parts.Host.NewOwner("users:read users:write")
            : await parts.Host.SignIn(await parts.Host.NewPerson(who));

        await (await admin.Patch(person.Id, """{"email":"admin@example.org"}""")).Problem(HttpStatusCode.Forbidden);
        await (await admin.Patch(person.Id, """{"enabled":true,"displayName":"x"}""")).Problem(HttpStatusCode.Forbidden);
        await (await admin.Patch(person.Id, """{"username":"admin2"}""")).Problem(HttpStatusCode.Forbidden);
        Assert.Equal("/password", await admin.Patch(person.Id, """{"password":"chosen by the admin"}""").Pointer());
    }

    [Fact]
    public async Task Disabling_and_enabling_a_user_keeps_the_password()
    {
        var person = await parts.Host.NewPerson();
        using var admin = await parts.Host.Admin();

        using var disabled = await admin.Patch(person.Id, """{"enabled":false}""");
        using var enabled = await admin.Patch(person.Id, """{"enabled":true}""");

        foreach (var response in new[] { disabled, enabled })
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.DoesNotContain("activation\"", body, StringComparison.Ordinal);
            Assert.DoesNotContain("token", body, StringComparison.Ordinal);
        }

        await (await admin.PostAsync($"{TestUsers.Route}/{person.Id}/activation", null)).Problem(HttpStatusCode.Conflict);
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.accounts where id = $1 and is_enabled "
                    + "and generation = 1", person.Id) == 1);
        Assert.NotNull((await parts.Host.Token(person)).AccessToken);
    }

    [Fact]
    public async Task User_registered_under_the_name_of_a_deleted_user_owns_none_of_its_ecgs()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        var ecg = await owner.Submit();
        using var admin = await parts.Host.Admin();
        await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}");

        var again = await admin.Register(person.Username);
        Assert.NotEqual(person.Id, again.Id());

        // The old account may still exist: the message with the new one is delivered again until it is erased.
        await Eventually.Holds(async () => (await parts.Host.Activate(again.Token())).StatusCode == HttpStatusCode.NoContent);
        using var impostor = await parts.Host.SignIn(person with { Id = again.Id() });
        await (await impostor.GetAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.NotFound);
        Assert.Equal("""{"items":[],"next":null}""", await impostor.GetStringAsync(EcgCalls.Route));
    }

    [Fact]
    public async Task Machine_client_registered_by_an_admin_cannot_act_as_a_user_or_read_all_insights()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        using var admin = await parts.Host.Admin();

        Assert.Equal(
            "/id",
            await admin.PostAsync(TestClients.Route, TestUsers.Json($$"""{"name":"a","scopes":["ecgs:read"],"id":"{{person.Id}}"}"""))
                .Pointer());
        foreach (var scope in new[] { "insights:read:any", "events:read", "operations", "clients:manage" })
        {
            Assert.Equal(
                "/scopes/0",
                await admin.PostAsync(TestClients.Route, TestUsers.Json($$"""{"name":"a","scopes":["{{scope}}"]}""")).Pointer());
        }

        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write");
        var token = await parts.Host.MachineToken(id, secret, "ecgs:read ecgs:write");
        Assert.Equal($"client:{id}", new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token).Subject); // It is not the id of a user.
        using var client = parts.Host.Client(token);
        foreach (var suffix in new[] { "", "/insights", "/signal?lead=I" })
        {
            await (await client.GetAsync($"{EcgCalls.Route}/{ecg}{suffix}")).Problem(HttpStatusCode.NotFound);
        }

        await (await client.DeleteAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Administrator_reads_no_ecg_with_any_scope_and_keeps_its_role()
    {
        var person = await parts.Host.NewPerson("admin");
        foreach (var scope in new[] { "ecgs:read", "ecgs:write", "insights:read:any", "events:read" })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(person, scope));
        }

        using var superadmin = await parts.Host.Superadmin();
        Assert.Equal("/role", await superadmin.Patch(person.Id, """{"role":"user"}""").Pointer());
        Assert.Equal(
            "admin", (await superadmin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/{person.Id}")).GetProperty("role").GetString());
    }

    [Fact]
    public async Task Administrator_cannot_reach_sessions_or_password_of_another_user()
    {
        var person = await parts.Host.NewPerson();
        var tokens = await parts.Host.Token(person);
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("superadmin"));

        var sid = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(tokens.AccessToken).GetClaim("sid").Value;
        await (await admin.DeleteAsync($"/account/sessions/{sid}")).Problem(HttpStatusCode.NotFound);
        Assert.DoesNotContain(sid, await admin.GetStringAsync("/account/sessions"), StringComparison.Ordinal);
        Assert.Equal("/userId", await admin.PostAsync("/account/password", TestUsers.Json(
            $$"""{"currentPassword":"{{TestUser.Password}}","newPassword":"chosen by the admin","userId":"{{person.Id}}"}""")).Pointer());
    }
}
