using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Messaging;

public sealed class OperationsTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private readonly RunningHost host = breakable.Host;

    [Fact]
    public async Task A_failed_ecg_is_listed_without_content_and_is_replayed()
    {
        using var owner = await host.NewOwner();
        using var operating = await host.SignIn("superadmin", "operations");
        var ecg = await owner.Submit(1, -1, 1);
        Assert.Equal("processed", await owner.EndStatus(ecg));
        await host.Execute(
            $"""
            delete from ecgs.insight_sets where ecg_id = '{ecg}';
            update ecgs.ecgs set status = 'failed', failure_reason = 'analysis-failed', attempts = 5 where id = '{ecg}';
            """);

        var item = Assert.Single(await Parked(operating, "ecgs"));
        Assert.Equal(ecg, item.GetProperty("id").GetGuid());
        Assert.Equal("analysis-failed", item.GetProperty("reason").GetString());
        await (await operating.PostAsync($"/api/v1/ecgs/operations/parked/{ecg}/discard", null)).Problem(HttpStatusCode.NotFound);

        Assert.Equal(HttpStatusCode.Accepted, (await operating.PostAsync($"/api/v1/ecgs/operations/parked/{ecg}/replay", null)).StatusCode);
        Assert.Equal("processed", await owner.EndStatus(ecg));
        Assert.Empty(await Parked(operating, "ecgs"));
    }

    [Fact]
    public async Task A_message_that_could_not_be_handled_is_listed_replayed_and_discarded()
    {
        using var operating = await host.SignIn("superadmin", "operations");
        await host.Execute("alter table identity.accounts add constraint broken check (user_version < 1) not valid");
        await host.Execute("delete from users.users where username = 'user2'; delete from identity.accounts where user_name = 'user2'");
        await using (await RunningHost.Start(breakable.Settings))
        {
        }

        var item = (
            await Eventually.Finds(
                async () => await Parked(operating, "identity") is { Count: > 0 } found ? found : null, TimeSpan.FromSeconds(30)))[0];
        Assert.Equal("identity-create-account", item.GetProperty("queue").GetString());
        Assert.Contains("23514", item.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("user2", item.GetRawText(), StringComparison.Ordinal);

        await host.Execute("alter table identity.accounts drop constraint broken");
        var id = item.GetProperty("id").GetGuid();
        Assert.Equal(
            HttpStatusCode.Accepted, (await operating.PostAsync($"/api/v1/identity/operations/parked/{id}/replay", null)).StatusCode);
        await Eventually.Holds(async () => (await Parked(operating, "identity")).Count == 0);
        Assert.Equal(1L, await host.Query<long>("select count(*) from identity.accounts where user_name = 'user2' and user_version = 1"));
        await (await operating.PostAsync($"/api/v1/identity/operations/parked/{id}/discard", null)).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Message_of_an_unknown_type_stays_parked_and_does_not_delay_other_messages()
    {
        using var operating = await host.SignIn("superadmin", "operations");
        var (unknown, known) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.Execute(
            $$"""
            insert into identity.parked (id, message_id, queue, type, body, attempts, next_attempt_at, last_error, created_at) values
              ('{{unknown}}', '{{unknown}}', 'identity-delete-account', 'Idoven.Users.Contracts.Gone', '{}', 1, now() - interval '1 hour',
                'x', now()),
              ('{{known}}', '{{known}}', 'identity-delete-account', 'Idoven.Users.Contracts.UserDeleted',
                '{"userId":"{{Guid.CreateVersion7()}}","version":1}', 1, now() - interval '1 minute', 'x', now())
            """);

        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.parked where id = $1", known) == 0);
        var item = Assert.Single(await Parked(operating, "identity"), item => item.GetProperty("id").GetGuid() == unknown);
        Assert.Equal("NoQueueTakesThisType", item.GetProperty("reason").GetString());
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await operating.PostAsync($"/api/v1/identity/operations/parked/{unknown}/discard", null)).StatusCode);
    }

    [Theory, InlineData("ecgs"), InlineData("users"), InlineData("identity")]
    public async Task Operations_require_the_superadmin_role(string module)
    {
        using var operating = await host.SignIn("superadmin", "operations");
        using var admin = await host.SignIn("admin", "users:read");

        Assert.Equal(HttpStatusCode.OK, (await operating.GetAsync($"/api/v1/{module}/operations/parked")).StatusCode);
        await (await admin.GetAsync($"/api/v1/{module}/operations/parked")).Problem(HttpStatusCode.Forbidden);
        await (await operating.GetAsync(EcgCalls.Route)).Problem(HttpStatusCode.Forbidden);
    }

    private static async Task<IReadOnlyList<JsonElement>> Parked(HttpClient client, string module) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"/api/v1/{module}/operations/parked")).GetProperty("items").EnumerateArray()];
}
