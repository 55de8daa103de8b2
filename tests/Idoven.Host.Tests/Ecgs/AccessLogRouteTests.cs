using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Ecgs;
using Idoven.Host.Tests.Contract;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Audit;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// Every access to an ECG, and every attempt, through any route of the module is in the access log, which its owner can read.
/// </summary>
[Trait("Hosts", "one")]
public sealed class AccessLogRouteTests(RunningParts parts)
{
    private static readonly string[] RoutesOfTheModule = ["/api/v1/ecgs", "/api/v1/events"];

    [Fact]
    public void Every_route_of_the_module_names_its_action()
    {
        var routes = AccessTests.Routes(parts.Host);

        Assert.Empty(Unlogged(routes));
        RouteEndpoint[] offender =
        [
            HostRoutes.Create("GET", "/api/v1/ecgs/forgotten"),
            HostRoutes.Create("GET", "/api/v1/ecgs/known", new AuditedRoute("ecgs", "ecg.read")), HostRoutes.Create("GET", "/api/v1/users"),
        ];
        Assert.Equal(["GET /api/v1/ecgs/forgotten"], Unlogged(offender));
    }

    public static TheoryData<string> Names => [.. Actions.Keys];

    /// <summary>The route of each action, written out here: it must not be read from the code under test.</summary>
    private static readonly Dictionary<string, string> Actions = new()
    {
        ["SubmitEcg"] = "ecg.upload",
        ["ListEcgs"] = "ecg.list",
        ["GetEcg"] = "ecg.read",
        ["GetInsights"] = "ecg.read_insights",
        ["GetBeats"] = "ecg.read_beats",
        ["GetSignal"] = "ecg.read_signal",
        ["ListEcgAccesses"] = "ecg.read_accesses",
        ["ReprocessEcg"] = "ecg.reprocess",
        ["DeleteEcg"] = "ecg.delete",
        ["ReadEvents"] = "event.read",
        ["ListParkedInEcgs"] = "parked.list",
        ["ReplayParkedInEcgs"] = "parked.replay",
        ["DiscardParkedInEcgs"] = "parked.discard",
    };

    [Fact]
    public async Task No_operation_of_the_module_is_left_out_of_these_tests() => Assert.Equal(
        (await OperationsOfTheModule()).Select(operation => operation.Id).Order(StringComparer.Ordinal),
        Actions.Keys.Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Names))]
    public async Task A_request_is_logged_with_its_action_and_outcome(string name)
    {
        var operation = (await OperationsOfTheModule()).Single(operation => operation.Id == name);
        var samples = new Samples(parts.Host);
        var sample = await samples.Create(operation);
        await AssertLogged(sample, Actions[name], "allowed");
        await AssertLogged(sample with { Token = await samples.WrongToken(operation) }, Actions[name], "forbidden");
        if (operation.Path.Contains("{id}", StringComparison.Ordinal))
        {
            var address = operation.Path.Replace("{id}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal);
            await AssertLogged(sample with { Token = await samples.Token(operation), Address = address }, Actions[name], "not_found");
        }
    }

    /// <summary>Uses the statement of a host that has no access log yet, with the role of the module.</summary>
    [Fact]
    public async Task Reads_recorded_by_an_earlier_host_during_a_rolling_upgrade_are_in_the_access_log()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString("ecgs"));
        await using var insert = role.CreateCommand(
            "insert into ecgs.insight_reads (id, at, client_id, ecg_id, trace_id)"
            + " values ($1, now(), 'earlier-host', $2, '0af7651916cd43dd8448eb211c80319c')");
        insert.Parameters.Add(new() { Value = Guid.CreateVersion7() });
        insert.Parameters.Add(new() { Value = ecg });

        Assert.Equal(1, await insert.ExecuteNonQueryAsync());

        var access = Assert.Single(await Items(owner, ecg), item => item.GetProperty("subject").GetString() == "client:earlier-host");
        Assert.Equal("ecg.read_insights", access.GetProperty("action").GetString());
    }

    [Fact]
    public async Task Owner_lists_accesses_to_an_ecg_without_addresses_and_sessions_of_others()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        var ecg = await owner.Submit();
        using var reader = await parts.Host.NewOwner("insights:read:any");
        await reader.GetAsync($"{EcgCalls.Route}/{ecg}/insights");
        await Eventually.Holds(async () => (await Items(owner, ecg)).Count >= 2);

        var rows = await Items(owner, ecg);

        var upload = rows.Single(row => Text(row, "action") == "ecg.upload");
        Assert.Equal(
            ($"{person.Id}", "idoven-cli", "127.0.0.1", "allowed"),
            (Text(upload, "subject"), Text(upload, "clientId"), Text(upload, "address"), Text(upload, "outcome")));
        Assert.NotNull(Text(upload, "sessionId"));
        var read = rows.Single(row => Text(row, "action") == "ecg.read_insights");
        Assert.Equal(
            ($"client:{Text(read, "clientId")}", null, null), (Text(read, "subject"), Text(read, "address"), Text(read, "sessionId")));
        Assert.Matches("^[0-9a-f]{32}$", Text(read, "traceId"));
    }

    [Fact]
    public async Task Access_pages_are_newest_first()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        foreach (var resource in new[] { "/insights", "/beats", "/signal?lead=I", "/signal?lead=none" })
        {
            await owner.GetAsync($"{EcgCalls.Route}/{ecg}{resource}");
        }

        await Eventually.Holds(async () => (await Items(owner, ecg)).Count >= 7);
        var paged = new List<string>();
        string? cursor = null;
        do
        {
            var page = await owner.GetFromJsonAsync<JsonElement>(
                $"{EcgCalls.Route}/{ecg}/accesses?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(row => Text(row, "id")!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(paged.OrderDescending(StringComparer.Ordinal), paged);
        Assert.Equal(paged.Distinct(), paged);
        Assert.Contains(
            (await Items(owner, ecg)).Select(row => $"{Text(row, "action")} {Text(row, "outcome")}"),
            row => row == "ecg.read_signal rejected");
    }

    [Fact]
    public async Task Accesses_of_an_ecg_are_listed_only_for_its_owner()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        var address = $"{EcgCalls.Route}/{ecg}/accesses";
        using var other = await parts.Host.NewOwner();
        using var reader = await parts.Host.NewOwner("insights:read:any");
        using var writer = await parts.Host.NewOwner("ecgs:write");

        await (await other.GetAsync(address)).Problem(HttpStatusCode.NotFound);
        await (await reader.GetAsync(address)).Problem(HttpStatusCode.Forbidden);
        await (await writer.GetAsync(address)).Problem(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(address)).StatusCode);
        await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}");
        await (await owner.GetAsync(address)).Problem(HttpStatusCode.NotFound);

        // The rows of a deleted ECG stay, with its id.
        Assert.Equal(
            2L,
            await parts.Host.Query<long>(
                "select count(*) from ecgs.accesses where ecg_id = $1 and action in ('ecg.upload', 'ecg.delete')", ecg));
    }

    [Fact]
    public async Task Requests_for_inaccessible_ids_are_counted_and_an_owner_sees_attempts_on_an_own_ecg()
    {
        const int tries = 12;
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        var attacker = Guid.CreateVersion7();
        using var client = parts.Host.Client(HandMadeToken.Create(parts.Host, parts.Settings.Issuer, attacker));
        foreach (var id in Enumerable.Range(1, tries).Select(_ => $"{Guid.CreateVersion7()}").Append($"{ecg}").Append("no-id"))
        {
            await (await client.GetAsync($"{EcgCalls.Route}/{id}/insights")).Problem(HttpStatusCode.NotFound);
        }

        await Eventually.Holds(async () => await parts.Host.Query<long>(
            "select coalesce(sum(count), 0)::bigint from ecgs.accesses where subject = $1 and ecg_id is null and outcome = 'not_found'",
            $"{attacker}") == tries + 2);
        Assert.InRange(
            await parts.Host.Query<long>("select count(*) from ecgs.accesses where subject = $1 and ecg_id is null", $"{attacker}"), 1,
            tries / 2);
        var seen = (await Items(owner, ecg)).Single(row => Text(row, "subject") == $"{attacker}");
        Assert.Equal(
            ("ecg.read_insights", "not_owner", "by-hand", null),
            (Text(seen, "action"), Text(seen, "outcome"), Text(seen, "clientId"), Text(seen, "address")));
    }

    [Fact]
    public async Task Upload_and_deletion_return_503_and_change_nothing_if_they_cannot_be_logged()
    {
        var user = Guid.CreateVersion7();
        using var owner = parts.Host.Client(HandMadeToken.Create(parts.Host, parts.Settings.Issuer, user));
        var ecg = await owner.Submit();
        var name = $"fail_{user:N}";
        await parts.Host.Execute(
            $"""
            create function ecgs.{name}() returns trigger language plpgsql as $$
              begin raise exception 'the disk is full' using errcode = 'disk_full'; end $$;
            create trigger {name} before insert on ecgs.accesses for each row
            when (new.subject = '{user}' and new.action in ('ecg.upload', 'ecg.delete') and new.outcome = 'allowed')
              execute function ecgs.{name}();
            """);

        await (await owner.Upload(EcgCalls.Body(1))).Problem(HttpStatusCode.ServiceUnavailable);
        await (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(ecg, await parts.Host.Query<Guid>("select id from ecgs.ecgs where owner_id = $1", $"{user}"));
        await parts.Host.Execute($"drop function ecgs.{name} cascade");
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        await Eventually.Holds(async () => await parts.Host.Query<string>(
            "select string_agg(action || ' ' || outcome, ', ' order by action, outcome) from ecgs.accesses where subject = $1", $"{user}")
            == "ecg.delete allowed, ecg.delete failed, ecg.upload allowed, ecg.upload failed");
    }

    [Fact]
    public async Task Module_role_can_only_insert_accesses_and_its_functions_only_count_and_prune()
    {
        await RunningHost.Migrate(parts.Settings);
        var (subject, ecg) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var age in new[] { 500, 31, 29 })
        {
            await parts.Host.Execute(InsertAccess(age, $"{subject}", ecg, $"{subject}"));
        }

        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString("ecgs"));
        string[] changes =
        [
            "delete from ecgs.accesses", "update ecgs.accesses set count = 1", "truncate ecgs.accesses",
            "alter table ecgs.accesses disable trigger all",
        ];
        foreach (var statement in changes)
        {
            await using var command = role.CreateCommand(statement);
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege,
                (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        }

        await Call(
            $"select ecgs.count_accesses(array(select id from ecgs.accesses where subject = '{subject}' order by at), array[7, 1, 3])");
        await Call($"select ecgs.forget_accesses('{subject}', 100)");
        Assert.Equal("3,5,7", await parts.Host.Query<string>(
            "select string_agg(count::text, ',' order by count) from ecgs.accesses where subject = $1 and ecg_id = $2", $"{subject}", ecg));
        await Call("select ecgs.prune_accesses(400, 100000)");
        Assert.Equal(2L, await Left());
        await Call("select ecgs.prune_accesses(0, 100000)");
        Assert.Equal(1L, await Left());

        Task<long> Left() => parts.Host.Query<long>("select count(*) from ecgs.accesses where subject = $1", $"{subject}");

        async Task Call(string sql)
        {
            await using var command = role.CreateCommand(sql);
            await command.ExecuteScalarAsync();
        }
    }

    [Theory, InlineData("csv"), InlineData("json")]
    public async Task Operator_exports_the_accesses_of_a_session(string format)
    {
        var (user, session) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        using var owner = parts.Host.Client(HandMadeToken.Create(parts.Host, parts.Settings.Issuer, user, ("sid", $"{session}")));
        var ecg = await owner.Submit();
        await owner.GetAsync($"{EcgCalls.Route}/{ecg}/signal?lead=I");
        using var later = parts.Host.Client(
            HandMadeToken.Create(parts.Host, parts.Settings.Issuer, user, ("sid", $"{Guid.CreateVersion7()}")));
        await later.GetAsync($"{EcgCalls.Route}/{ecg}");
        await Eventually.Holds(async () =>
            await parts.Host.Query<long>("select count(*) from ecgs.accesses where subject = $1", $"{user}") == 3);

        Assert.Equal(["ecg.upload", "ecg.read_signal"], (await Export($"session={session}")).Select(row => row.Action));
        Assert.Equal(3, (await Export($"ecg={ecg}")).Count);
        Assert.Equal(3, (await Export($"subject={user}", $"owner={user}", "client=by-hand")).Count);
        Assert.Empty(await Export($"ecg={ecg}", "to=2026-01-01T00:00:00Z"));
        Assert.Equal(3, (await Export($"ecg={ecg}", "from=2026-01-01T00:00:00Z", "to=2100-01-01T00:00:00Z")).Count);
        Assert.All(await Export($"ecg={ecg}"), row => Assert.Equal($"{ecg}", row.EcgId));

        async Task<IReadOnlyList<(string Action, string? EcgId)>> Export(params string[] words)
        {
            using var output = new StringWriter();
            var ct = TestContext.Current.CancellationToken;
            Assert.Equal(
                0, await EcgsModule.RunAccessesVerb(parts.Host.Services, [.. words, $"format={format}"], output, TextWriter.Null, ct));
            var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return format == "json"
                ? [.. lines.Select(line => JsonElement.Parse(line)).Select(row => (Text(row, "action")!, Text(row, "ecgId")))]
                : [.. lines.Skip(1).Select(line => line.Split(',')).Select(cells => (cells[2], (string?)cells[8]))];
        }
    }

    [Fact]
    public async Task Export_is_logged_with_the_subject_host()
    {
        var before = await Exports();

        await EcgsModule.RunAccessesVerb(
            parts.Host.Services, ["subject=unknown"], TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken);

        Assert.True(await Exports() > before);

        Task<long> Exports() =>
            parts.Host.Query<long>("select count(*) from ecgs.accesses where action = 'access.export' and subject = 'host'");
    }

    /// <summary>Returns a statement that adds an access of this age, with a count that depends on the age.</summary>
    internal static string InsertAccess(int days, string subject, Guid ecg, string owner) =>
        $"""
        insert into ecgs.accesses (id, at, action, outcome, count, subject, ecg_id, owner_id)
        select overlay(gen_random_uuid()::text placing substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7'
          from 1 for 15)::uuid, at, 'ecg.read', 'allowed',
          case {days} when 31 then 5 when 500 then 3 else 2 end, '{subject}', '{ecg}', '{owner}'
        from (select at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as stamp
          from (select now() - interval '{days} days' as at) t) s
        """;

    private static IEnumerable<string> Unlogged(IEnumerable<RouteEndpoint> routes) =>
        from route in routes
        where RoutesOfTheModule.Any(route.Address().StartsWith)
        where route.Metadata.GetMetadata<AuditedRoute>() is not { Module: "ecgs" }
        select AccessTests.Name(route);


    private static async Task<IReadOnlyList<JsonElement>> Items(HttpClient owner, Guid ecg) =>
        [.. (await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}/accesses")).GetProperty("items").EnumerateArray()];

    private static string? Text(JsonElement row, string member) => row.GetProperty(member).GetString();

    private async Task<List<Operation>> OperationsOfTheModule() =>
        [.. (await ApiContract.Read(parts.Host)).Operations.Where(operation => RoutesOfTheModule.Any(operation.Path.StartsWith))];

    /// <summary>Sends the request with a caller or session that no other test uses, and checks the row in the access log.</summary>
    private async Task AssertLogged(Sample sample, string action, string outcome)
    {
        (await sample.Send(parts.Host)).Dispose();
        var token = new JsonWebToken(sample.Token);
        var session = token.TryGetClaim("sid", out var sid) ? sid.Value : "";
        await Eventually.Holds(async () => await parts.Host.Query<long>(
            "select count(*) from ecgs.accesses where subject = $1 and coalesce(session_id::text, '') = $2 and action = $3"
            + " and outcome = $4",
            token.Subject, session, action, outcome) > 0);
    }
}
