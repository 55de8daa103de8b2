using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Audit;

/// <summary>The audit log can only grow, and only the users that may read it can do so.</summary>
public sealed class AuditLogTests(RunningParts parts)
{
    private const string Clients = $"{TestClients.Route}/audit";
    private const string Users = $"{TestUsers.Route}/audit";

    [Theory, InlineData("identity"), InlineData("users")]
    public async Task Module_role_can_only_insert_audit_rows_even_after_another_migration(string module)
    {
        await RunningHost.Migrate(parts.Settings);
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        string[] changes =
        [
            $"delete from {module}.audit", $"update {module}.audit set subject = 'another'", $"truncate {module}.audit",
            $"alter table {module}.audit disable trigger all", $"drop trigger keep on {module}.audit",
        ];
        foreach (var statement in changes)
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Rejection(role, statement)).SqlState);
        }

        // The trigger is a second defence: privileges that are granted by mistake do not help.
        await parts.Host.Execute($"grant update, delete, truncate on {module}.audit to {module}_app");
        try
        {
            foreach (var statement in changes[..3])
            {
                Assert.Contains("only grows", (await Rejection(role, statement)).MessageText, StringComparison.Ordinal);
            }
        }
        finally
        {
            await RunningHost.Migrate(parts.Settings);
        }

        Assert.Equal("select,insert", await parts.Host.Query<string>(
            $"select string_agg(p, ',') from unnest('{{select,insert,update,delete,truncate}}'::text[]) p"
            + $" where has_table_privilege('{module}_app', '{module}.audit', p)"));
    }

    [Theory, InlineData("identity"), InlineData("users")]
    public async Task Pruning_keeps_audit_rows_of_the_last_30_days_even_if_the_module_role_asks_for_less(string module)
    {
        var mark = $"{Guid.NewGuid()}";
        foreach (var age in new[] { 500, 100, 31, 29, 0 })
        {
            await parts.Host.Execute(
                $"""
                insert into {module}.audit (id, at, action, outcome, subject, target)
                select overlay(gen_random_uuid()::text placing substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7'
                  from 1 for 15)::uuid, at, 'x', 'success', '{mark}', '{age}'
                from (select at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as stamp
                  from (select now() - interval '{age} days' as at) t) s
                """);
        }

        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        await Prune(400);
        Assert.Equal(["0", "100", "29", "31"], await Left());
        await Prune(0);
        Assert.Equal(["0", "29"], await Left());

        async Task Prune(int days)
        {
            await using var command = role.CreateCommand($"select {module}.prune_audit({days}, 100000)");
            Assert.IsType<long>(await command.ExecuteScalarAsync());
        }

        Task<string[]> Left() =>
            parts.Host.Query<string[]>($"select array_agg(target order by target) from {module}.audit where subject = $1", mark);
    }

    [Fact]
    public async Task Database_rejects_an_audit_reason_that_is_not_a_code() =>
        Assert.Equal(PostgresErrorCodes.CheckViolation, (await Assert.ThrowsAsync<PostgresException>(() => parts.Host.Execute(
            "insert into users.audit (id, at, action, outcome, reason) values (gen_random_uuid(), now(), 'user.change', 'refused', 'Ada"
            + " Lovelace')"))).SqlState);

    [Fact]
    public async Task Action_and_its_audit_row_are_stored_together_or_not_at_all()
    {
        var scene = new AuditScenario(parts);
        var name = TestUsers.NewName();
        using var admin = await scene.Superadmin();
        await Fail("users.audit");
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await admin.PostAsync(TestUsers.Route, TestUsers.Json($$"""{"username":"{{name}}","role":"user"}"""))).StatusCode);
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from users.users where username = $1", name));

        var (id, secret) = await Client();
        await Fail("identity.audit");
        await scene.Token(new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret });
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.tokens where subject = $1", $"client:{id}"));
        Assert.Empty(await scene.Rows());

        // The other way round: if the token cannot be stored, its issue is not recorded.
        scene = new AuditScenario(parts);
        await Fail("identity.tokens", $"new.subject = 'client:{id}'");
        await scene.Token(new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret });
        Assert.Empty(await scene.Rows());

        async Task<(string Id, string Secret)> Client()
        {
            using var other = await parts.Host.Superadmin();
            return await other.NewClient("users:read");
        }

        // One for each run of the test: the condition on the trace or client limits it to this run.
        Task Fail(string table, string? when = null) => parts.Host.Execute(
            $"""
            create function {table}_{scene.Trace}() returns trigger language plpgsql as $$
              begin raise exception 'the disk is full' using errcode = 'disk_full'; end $$;
            create trigger fail_{scene.Trace} before insert on {table} for each row when ({when ?? $"new.trace_id = '{scene.Trace}'"})
              execute function {table}_{scene.Trace}();
            """);
    }

    [Fact]
    public async Task Audit_entry_has_subject_client_session_address_and_trace()
    {
        var scene = new AuditScenario(parts);
        var token = (await parts.Host.Token("superadmin", "superadmin-demo-password", "openid users:write")).AccessToken;
        using var admin = scene.Client(token);
        var user = (await admin.Register(TestUsers.NewName())).Id();

        using var reader = await parts.Host.Superadmin();
        var entry = Assert.Single(await Items(reader, $"{Users}?target={user}"));

        var claims = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token);
        Assert.Equal(
            (
                "user.register", "success", claims.Subject, "idoven-cli", $"{user}", claims.GetClaim("sid").Value, $"{scene.Address}",
                scene.Trace),
            (
                Text("action"), Text("outcome"), Text("subject"), Text("clientId"), Text("target"), Text("sessionId"), Text("address"),
                Text("traceId")));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("reason").ValueKind);
        Assert.InRange(
            entry.GetProperty("at").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow().AddMinutes(1));

        string? Text(string member) => entry.GetProperty(member).GetString();
    }

    [Fact]
    public async Task Rejected_sign_in_is_recorded_with_the_account_as_target_and_without_a_subject()
    {
        var person = await parts.Host.NewPerson();
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(person.Username, "a wrong password", "openid"));
        using var self = await parts.Host.SignIn(person);

        var entry = (await Items(self, "/account/audit?outcome=refused")).Single();

        Assert.Equal(
            ("sign_in", "credentials", $"{person.Id}"),
            (entry.GetProperty("action").GetString(), entry.GetProperty("reason").GetString(), entry.GetProperty("target").GetString()));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("subject").ValueKind);
        Assert.Equal("127.0.0.1", entry.GetProperty("address").GetString());
    }

    [Fact]
    public async Task Audit_pages_are_newest_first_and_can_be_filtered()
    {
        using var admin = await parts.Host.Superadmin();
        var before = TimeProvider.System.GetUtcNow();
        var (id, secret) = await admin.NewClient("users:read");
        foreach (var isRight in new[] { true, true, false, true, false })
        {
            // Rejections of one address in one minute share an entry, so each request has an address of its own.
            using var client = parts.Host.Client(from: SourceAddress.New());
            using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = isRight ? secret : "wrong",
            }));
        }

        var all = await Items(admin, $"{Clients}?client={id}");
        Assert.Equal(
            "refused success refused success success", string.Join(' ', all.Select(entry => entry.GetProperty("outcome").GetString())));

        var paged = new List<string>();
        for (var next = $"{Clients}?client={id}&limit=2"; next is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>(next);
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString() is { } cursor ? $"{Clients}?client={id}&limit=2&cursor={cursor}" : null;
        }

        Assert.Equal(all.Select(entry => entry.GetProperty("id").GetString()), paged);
        Assert.Equal(3, (await Items(admin, $"{Clients}?subject=client:{id}")).Count);
        Assert.Equal(2, (await Items(admin, $"{Clients}?client={id}&outcome=refused&action=token.client_credentials")).Count);
        Assert.Empty(await Items(admin, $"{Clients}?client={id}&action=sign_in"));
        Assert.Equal("client.register", Assert.Single(await Items(admin, $"{Clients}?target={id}")).GetProperty("action").GetString());
        var third = all[2].GetProperty("at").GetString()!.Replace("+", "%2B", StringComparison.Ordinal);
        Assert.Equal(3, (await Items(admin, $"{Clients}?client={id}&from={third}")).Count);
        Assert.Equal(2, (await Items(admin, $"{Clients}?client={id}&to={third}")).Count);
        Assert.Empty(await Items(admin, $"{Clients}?client={id}&to={before:yyyy-MM-ddTHH:mm:ssZ}"));
        foreach (var bad in new[]
        {
            "outcome=maybe", "from=yesterday", "target=%00", "subject=two%20words", $"client={new string('a', 201)}",
        })
        {
            await (await admin.GetAsync($"{Clients}?{bad}")).Problem(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Users_read_only_audit_entries_about_themselves()
    {
        var (person, other) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var self = await parts.Host.SignIn(person);
        using var another = await parts.Host.SignIn(other);
        await self.Patch(person.Id, """{"displayName":"Ada"}""");

        var mine = await Items(self, $"{TestUsers.Route}/me/audit");
        Assert.Equal(["user.change", "user.register"], mine.Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal("127.0.0.1", mine[0].GetProperty("address").GetString());
        Assert.Equal(
            (JsonValueKind.Null, JsonValueKind.Null),
            (mine[1].GetProperty("address").ValueKind, mine[1].GetProperty("sessionId").ValueKind));
        Assert.Equal(
            ["token.password", "sign_in", "account.activate"],
            (await Items(self, "/account/audit")).Select(entry => entry.GetProperty("action").GetString()));
        foreach (var list in new[] { $"{TestUsers.Route}/me/audit", "/account/audit" })
        {
            Assert.DoesNotContain(
                await Items(another, list), entry => entry.GetRawText().Contains($"{person.Id}", StringComparison.Ordinal));
            Assert.Single(await Items(self, $"{list}?limit=1"));
        }

        foreach (var log in new[] { Clients, Users })
        {
            await (await self.GetAsync(log)).Problem(HttpStatusCode.Forbidden);
        }

        using var machine = await parts.Host.NewOwner("users:read");
        await (await machine.GetAsync(Users)).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Audit_entries_remain_after_the_user_is_deleted()
    {
        var person = await parts.Host.NewPerson();
        using var admin = await parts.Host.Superadmin();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);

        await Eventually.Holds(async () => (await Items(admin, $"{Users}?target={person.Id}&action=user.finish_erasure")).Count == 2);
        Assert.Equal(
            ["account.erase", "account.activate"],
            (await Items(admin, $"{Clients}?target={person.Id}")).Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal(
            "queue:identity-delete-account",
            (await Items(admin, $"{Clients}?target={person.Id}&action=account.erase"))[0].GetProperty("subject").GetString());
        Assert.Equal(
            0L, await parts.Host.Query<long>("select count(*) from identity.audit a where a::text like '%' || $1 || '%'", person.Username));
    }

    private static async Task<List<JsonElement>> Items(HttpClient client, string address) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(address)).GetProperty("items").EnumerateArray()];

    private static async Task<PostgresException> Rejection(NpgsqlDataSource role, string statement)
    {
        await using var command = role.CreateCommand(statement);
        return await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
    }
}
