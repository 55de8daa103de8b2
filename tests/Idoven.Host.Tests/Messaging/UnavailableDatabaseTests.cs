using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Accepted data and messages are not lost while a database rejects writes or connections.</summary>
public sealed class UnavailableDatabaseTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private readonly RunningHost host = breakable.Host;

    private string Database => new NpgsqlConnectionStringBuilder(breakable.Settings.Admin).Database!;

    [Fact]
    public async Task A_user_deleted_while_the_ecgs_database_is_read_only_is_erased_when_it_accepts_writes_again()
    {
        const string queue = "ecgs-erase-owner-user";
        var person = await host.NewPerson();
        using var user = await host.SignIn(person);
        using var admin = await host.Admin();
        using var other = await host.NewOwner();
        using var operating = await host.SignIn("superadmin", "operations");
        for (var i = 0; i < 3; i++)
        {
            await user.EndStatus(await user.Submit());
        }

        await SetReadOnly("ecgs", isReadOnly: true);
        try
        {
            Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);

            // The consumers of ecgs stop, and the message waits in its queue however long this lasts.
            await Eventually.Holds(
                async () => await QueueState.Read(breakable.Settings.Broker, queue) is { Messages: 1, Consumers: 0 },
                TimeSpan.FromSeconds(60));

            using var upload = await other.Upload(EcgCalls.Body(new int[10]));
            Assert.Equal("5", Assert.Single(upload.Headers.GetValues("Retry-After")));
            await upload.Problem(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("""{"items":[],"next":null}""", await other.GetStringAsync(EcgCalls.Route));

            // The consumers of the other modules continue.
            await Eventually.Holds(
                async () => await host.Query<long>("select count(*) from identity.accounts where id = $1", person.Id) == 0);
            Assert.Equal(3L, await CountEcgs(person));
        }
        finally
        {
            await SetReadOnly("ecgs", isReadOnly: false);
        }

        await Eventually.Holds(async () => await CountEcgs(person) == 0);
        await Eventually.Holds(async () =>
        {
            var erasure = await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/erasures/{person.Id}");
            return erasure.GetProperty("finishedAt").ValueKind != JsonValueKind.Null;
        });
        await Eventually.Holds(async () => (await user.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        await AssertUploadIsProcessed(other);
        foreach (var module in HostSettings.Modules)
        {
            Assert.Empty(await Parked(operating, module));
        }

        foreach (var each in new[] { queue, "ecgs-revoke-sessions" })
        {
            Assert.Equal(0u, (await QueueState.Read(breakable.Settings.Broker, $"{each}_dead")).Messages);
        }
    }

    /// <summary>A message past the delivery limit of 20 would be dead-lettered and wait for an operator.</summary>
    [Fact]
    public async Task Messages_that_return_to_their_queue_because_the_consumers_stop_are_counted_once()
    {
        const string queue = "ecgs-erase-owner-user";
        const int users = 20;
        using var admin = await host.Admin();
        var registered = new List<Guid>();
        for (var i = 0; i < users; i++)
        {
            registered.Add((await admin.Register(TestUsers.NewName())).Id());
        }

        await SetReadOnly("ecgs", isReadOnly: true);
        try
        {
            await Task.WhenAll(registered.Select(user => admin.DeleteAsync($"{TestUsers.Route}/{user}")));
            await Eventually.Holds(
                async () => await QueueState.Read(breakable.Settings.Broker, queue) is { Messages: users, Consumers: 0 },
                TimeSpan.FromSeconds(60));

            var deliveries = await QueueState.Deliveries(breakable.Settings.Broker, queue);
            Assert.Equal(users, deliveries.Count);
            Assert.InRange(deliveries.Max(), 1, 2);
        }
        finally
        {
            await SetReadOnly("ecgs", isReadOnly: false);
        }

        await Eventually.Holds(async () =>
            await host.Query<long>(
                "select count(*) from ecgs.owners where id = any($1) and erasure_finished_at is not null",
                (object)registered.ConvertAll(user => $"{user}").ToArray()) == users);
    }

    [Theory]
    [InlineData("update")]
    [InlineData("insert")]
    public async Task A_refresh_token_used_while_the_identity_database_is_read_only_gets_503_and_works_afterwards(string statement)
    {
        var token = (await host.Token(await host.NewPerson())).RefreshToken!;

        await AssertTokensAfter503(statement, new()
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "idoven-cli",
            ["refresh_token"] = token,
        });
    }

    [Fact]
    public async Task A_code_used_while_the_identity_database_is_read_only_gets_503_and_works_afterwards()
    {
        var app = await host.NewApp();
        using var browser = new Browser(host);
        var back = await browser.SignInAndAllow(app.Authorize(), await host.NewPerson());

        await AssertTokensAfter503("update", app.Code(back.Sent("code")!));
    }

    [Fact]
    public async Task A_database_without_a_free_connection_gets_503_and_the_host_recovers()
    {
        using var owner = await host.NewOwner();
        await host.Execute($"alter database {Database} connection limit 0");
        try
        {
            await EndSessions("ecgs");
            await Eventually.Holds(async () =>
            {
                using var response = await owner.GetAsync(EcgCalls.Route);
                return response.StatusCode == HttpStatusCode.ServiceUnavailable
                    && response.Headers.GetValues("Retry-After").Single() == "5";
            });
        }
        finally
        {
            await host.Execute($"alter database {Database} connection limit -1");
        }

        await Eventually.Holds(async () => (await owner.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.OK);
        await AssertUploadIsProcessed(owner);
    }

    /// <summary>Only this kind of write of a token is rejected, so that no other error can cause the response.</summary>
    private async Task AssertTokensAfter503(string statement, Dictionary<string, string> form)
    {
        await host.Execute(
            $"""
             create function identity.read_only() returns trigger language plpgsql as $$ begin
               raise exception 'cannot execute {statement} in a read-only transaction' using errcode = '25006'; end $$;
             create trigger read_only before {statement} on identity.tokens for each row execute function identity.read_only();
             """);
        try
        {
            using var response = await host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("5", Assert.Single(response.Headers.GetValues("Retry-After")));
        }
        finally
        {
            await host.Execute("drop function identity.read_only cascade");
        }

        Assert.NotNull((await host.Token(form)).AccessToken);
    }

    /// <summary>The first requests may still use connections of the pool that the test has ended.</summary>
    private static async Task AssertUploadIsProcessed(HttpClient owner)
    {
        var accepted = await Eventually.Finds(async () =>
            await owner.Upload(EcgCalls.Body(1, -1)) is { StatusCode: HttpStatusCode.Accepted } response ? response : null);
        var ecg = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        Assert.Equal("processed", await owner.EndStatus(ecg));
    }

    private Task<long> CountEcgs(TestUser owner) =>
        host.Query<long>("select count(*) from ecgs.ecgs where owner_id = $1", owner.Id.ToString());

    private async Task SetReadOnly(string module, bool isReadOnly)
    {
        var change = isReadOnly ? "set default_transaction_read_only = on" : "reset default_transaction_read_only";
        await host.Execute($"alter role {module}_app in database {Database} {change}");
        await EndSessions(module);
    }

    private Task EndSessions(string module) => host.Execute(
        $"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = '{module}_app'");

    private static async Task<IReadOnlyList<JsonElement>> Parked(HttpClient operating, string module) =>
        [.. (await operating.GetFromJsonAsync<JsonElement>($"/api/v1/{module}/operations/parked")).GetProperty("items").EnumerateArray()];
}
