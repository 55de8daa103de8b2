using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Audit;

/// <summary>Changes of audit rows in the database are detected, and rejected requests cannot fill the audit log.</summary>
[Trait("Hosts", "one")]
public sealed partial class SealTests(RunningParts parts)
{
    private static readonly string[] Modules = ["identity", "users"];

    [Theory, InlineData("identity"), InlineData("users")]
    public async Task Database_sets_the_time_of_an_audit_row_even_if_the_module_role_gives_another(string module)
    {
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        var mark = $"{Guid.NewGuid()}";
        foreach (var at in new[] { "now() + interval '2 years'", "now() - interval '2 years'" })
        {
            await Execute(
                role,
                $"""
                insert into {module}.audit (id, at, action, outcome, subject, target)
                values ('01000000-0000-7000-8000-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}',
                  {at}, 'x', 'success', 'host', '{mark}')
                """);
        }

        Assert.Equal(2L, await parts.Host.Query<long>(
            $"""
            select count(*) from {module}.audit where target = $1 and at between now() - interval '1 minute' and now()
              and ('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint = floor(extract(epoch from at) * 1000)
            """,
            mark));
    }

    [Theory, InlineData("identity"), InlineData("users")]
    public async Task Module_role_cannot_change_seals_or_their_keys_even_after_another_migration(string module)
    {
        await RunningHost.Migrate(parts.Settings);
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        string[] changes =
        [
            $"delete from {module}.audit_seals", $"update {module}.audit_seals set number = number + 1", $"truncate {module}.audit_seals",
            $"update {module}.audit_seal_keys set public_key = ''", $"delete from {module}.audit_seal_keys",
            $"alter table {module}.audit disable trigger record", $"drop function {module}.record_audit cascade",
            $"update {module}.audit set count = 7",
        ];
        foreach (var statement in changes)
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => Execute(role, statement));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
        }
    }

    [Fact]
    public async Task Verification_names_every_changed_removed_or_added_row()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var admin = await host.Superadmin();
        await admin.Register(TestUsers.NewName());
        await admin.Register(TestUsers.NewName());
        await WaitUntilSealed(host);
        var (code, clean) = await Verify(settings);
        Assert.True(code == 0, clean);
        Assert.Contains("Nothing was changed, and nothing is missing.", clean, StringComparison.Ordinal);
        Assert.Contains("This proves that sealed rows are as they were", clean, StringComparison.Ordinal);
        var heads = Modules.ToDictionary(module => module, module => Regex.Match(clean, $"head={module}:[0-9]+:[0-9a-f]{{64}}").Value);

        foreach (var module in Modules)
        {
            var row = await host.Query<Guid>($"select id from {module}.audit order by id limit 1");
            var number = await host.Query<long>($"select number from {module}.audit_seals where '{row}' = any(ids)");
            foreach (var column in await host.Query<string[]>(
                $"select array_agg(column_name::text) from information_schema.columns where table_schema = '{module}'"
                + $" and table_name = 'audit' and column_name not in ('id', 'counted_as')"))
            {
                await AssertDetected(UpdateStatement(module, row, column), $"row {row} was changed after seal {number} ");
            }

            await AssertDetected($"delete from {module}.audit where id = '{row}'", $"row {row} is missing: seal {number} of ");
            var forged = Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddHours(-1));
            foreach (var at in new[] { "now() - interval '1 hour'", "now() + interval '1 hour'" })
            {
                await AssertDetected(
                    $"insert into {module}.audit (id, at, action, outcome) values ('{forged}', {at}, 'x', 'success');"
                    + $" delete from {module}.audit_unsealed",
                    $"row {forged} is not sealed");
            }

            // Removed seals; the removal of the newest one is detected only by a head that was saved elsewhere.
            await host.Execute($"insert into {module}.audit (id, at, action, outcome) values (gen_random_uuid(), now(), 'x', 'success')");
            await WaitUntilSealed(host);
            await AssertDetected($"delete from {module}.audit_seals where number = 1", "seal 1 is missing");
            await AssertDetected($"update {module}.audit_seals set at = at + interval '1 second' where number = 2", "seal 2 was changed");
            await AssertDetected(
                $"update {module}.audit_seals set previous = hash where number = 2", "seal 2 does not follow the seal before it");
            await AssertDetected(
                $"""
                insert into {module}.audit_seals (number, at, ids, row_hashes, previous, key_id, hash, signature)
                select 1 + max(number), now(), array['{forged}']::uuid[], '', (array_agg(hash order by number desc))[1], max(key_id), '', ''
                  from {module}.audit_seals
                """,
                $"seal {1 + await host.Query<long>($"select max(number) from {module}.audit_seals")} bears no signature of a trusted key");
            await AssertDetected(
                $"""
                delete from {module}.audit where id = any((select ids from {module}.audit_seals order by number desc limit 1)::uuid[]);
                delete from {module}.audit_seals where number = (select max(number) from {module}.audit_seals)
                """,
                $"the seal {await Head(module)} is missing",
                $"head={module}:{await Head(module)}");

            async Task AssertDetected(string tampering, string finding, params string[] words)
            {
                string[] tables = ["audit", "audit_seals", "audit_unsealed"];
                await host.Execute(string.Join(';', tables.Select(table => $"create table public.kept_{table} as table {module}.{table}")));
                await host.Execute(tampering);
                var (found, output) = await Verify(settings, words);
                await host.Execute(string.Join(';', tables.Select(table =>
                    $"alter table {module}.{table} disable trigger user; truncate {module}.{table}; "
                    + $"insert into {module}.{table} table public.kept_{table}; "
                    + $"alter table {module}.{table} enable trigger user; drop table public.kept_{table}")));
                Assert.True(found == 1 && output.Contains($"{module}: {finding}", StringComparison.Ordinal), $"{tampering}\n{output}");
            }
        }

        Assert.Equal(0, (await Verify(settings, [.. heads.Values])).Code);

        Task<string> Head(string module) =>
            host.Query<string>($"select number || ':' || encode(hash, 'hex') from {module}.audit_seals order by number desc limit 1");
    }

    [Fact]
    public async Task Chain_signed_with_another_key_is_rejected_until_the_key_is_trusted()
    {
        var settings = await parts.OwnParts();
        await using (var host = await RunningHost.Start(settings))
        {
            await WaitUntilSealed(host);
            foreach (var module in Modules)
            {
                await Eventually.Holds(async () => Regex.IsMatch(
                    await host.Management.GetStringAsync("/metrics"), $"(?m)^audit_unsealed_oldest_seconds\\{{.*module=\"{module}\".*\\}}"
                        + $" [0-9]"));
            }
        }

        var others = settings with { SealKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) };
        var (code, output) = await Verify(others);

        Assert.Equal(1, code);
        var keys = SignedBy().Matches(output).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(keys);
        Assert.Equal(0, (await Verify(others, [.. keys.Select(key => $"trust={key}")])).Code);
        foreach (var words in new[] { "head=ecgs:1:00", "trust=abc", "other", $"head=unknown:1:{new string('0', 64)}" })
        {
            Assert.Equal(64, (await Verify(settings, words)).Code);
        }
    }

    [Fact]
    public async Task Chain_re_created_with_the_key_of_the_host_is_detected_only_by_a_saved_head()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var admin = await host.Superadmin();
        var gone = (await admin.Register(TestUsers.NewName())).Id();
        await WaitUntilSealed(host);
        var head = Regex.Match((await Verify(settings)).Output, "head=users:[0-9]+:[0-9a-f]{64}").Value;

        // The owner of the tables deletes the row and all seals, and has the other rows sealed again.
        await host.Execute(
            $"""
            delete from users.audit where target = '{gone}';
            alter table users.audit_seals disable trigger user;
            delete from users.audit_seals;
            alter table users.audit_seals enable trigger user;
            insert into users.audit_unsealed (id, due_at) select id, now() from users.audit on conflict do nothing
            """);
        await WaitUntilSealed(host);

        var (code, output) = await Verify(settings);
        Assert.True(code == 0, output);
        Assert.NotEmpty(head);
        Assert.Equal(1, (await Verify(settings, head)).Code);
    }

    [Fact]
    public async Task Rows_and_seals_past_retention_are_deleted_and_not_reported_as_missing()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        await WaitUntilSealed(host);
        await host.Execute(
            """
            insert into users.audit (id, at, action, outcome)
            select overlay(gen_random_uuid()::text placing substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7'
              from 1 for 15)::uuid, at, 'x', 'success'
            from (select at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as stamp
              from (select now() - interval '500 days' as at) t) s
            """);
        await WaitUntilSealed(host);
        Assert.Equal(0, (await Verify(settings)).Code);

        Assert.Equal(1L, await host.Query<long>("select users.prune_audit(400, 1000)"));
        var (code, output) = await Verify(settings);
        Assert.True(code == 0 && output.Contains("1 sealed rows left because of their age", StringComparison.Ordinal), output);

        // As if the seals were as old as the rows: the newest of them is kept.
        await host.Execute(
            "alter table users.audit_seals disable trigger user; update users.audit_seals set at = now() - interval '500 days'");
        var seals = await host.Query<long>("select count(*) from users.audit_seals");
        await host.Execute("delete from users.audit where id = any(array(select unnest(ids) from users.audit_seals))");
        Assert.Equal(seals - 1, await host.Query<long>("select users.prune_audit_seals(400, 1000)"));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "rows of the audit log for requests rejected without a token")]
    public async Task Rejections_without_a_token_are_counted_in_one_row_a_minute_for_each_address()
    {
        const int many = 1000;
        const int others = 20;
        var address = SourceAddress.New();
        using var client = parts.Host.Client(from: address);
        await Parallel.ForEachAsync(Enumerable.Range(0, many), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, ct) =>
        {
            using var response = await client.PostAsync("/connect/token", InvalidCodeForm("idoven-cli"), ct);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        });

        var rows = await parts.Host.Query<string[]>(
            "select array_agg(concat_ws(' ', action, outcome, reason, client_id, date_trunc('minute', at), count) order by id)"
            + " from identity.audit where address = $1",
            address);
        Assert.Equal(many, rows.Sum(row => int.Parse(row[(row.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
        Assert.Equal(rows.Length, rows.Select(row => row[..row.LastIndexOf(' ')]).Distinct().Count());
        Assert.All(rows, row => Assert.StartsWith("token.authorization_code refused", row, StringComparison.Ordinal));

        for (var other = 0; other < others; other++)
        {
            var from = SourceAddress.New();
            using var another = parts.Host.Client(from: from);
            using var response = await another.PostAsync("/connect/token", InvalidCodeForm("idoven-cli"));
            Assert.Equal(1L, await parts.Host.Query<long>("select sum(count) from identity.audit where address = $1", from));
        }

        using var admin = await parts.Host.Superadmin();
        var listed = (
            await admin.GetFromJsonAsync<JsonElement>(
                $"{TestClients.Route}/audit?action=token.authorization_code&outcome=refused&limit=200"))
            .GetProperty("items").EnumerateArray().Where(entry => entry.GetProperty("address").GetString() == $"{address}");
        Assert.Equal(many, listed.Sum(entry => entry.GetProperty("count").GetInt32()));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public async Task Rejections_are_counted_by_IPv4_address_or_IPv6_network(string first, string second, bool isOne)
    {
        var target = $"{Guid.NewGuid()}";
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString("users"));
        foreach (var address in new[] { first, second })
        {
            await Execute(role, $"select users.count_refusal(gen_random_uuid(), 'x', 'y', null, '{target}', null, '{address}', null)");
        }

        // Each minute has a row, and the calls may be in two of them.
        Assert.InRange(await parts.Host.Query<long>("select count(*) from users.audit where target = $1", target), isOne ? 1 : 2, 2);
        Assert.Equal(2L, await parts.Host.Query<long>("select sum(count) from users.audit where target = $1", target));
    }

    [Fact]
    public async Task Count_of_a_sealed_row_does_not_change()
    {
        var settings = await parts.OwnParts();
        await using var role = NpgsqlDataSource.Create(settings.ConnectionString("users"));
        await using var owner = NpgsqlDataSource.Create(settings.Admin);
        await Count();
        await Count();
        await Execute(owner, "delete from users.audit_unsealed");
        await Count();
        await Count();

        await using var read = owner.CreateCommand("select array_agg(count order by id) from users.audit where action = 'x'");
        var counts = (int[])(await read.ExecuteScalarAsync())!;
        Assert.Equal((4, 2), (counts.Sum(), counts[0]));

        Task Count() => Execute(role, "select users.count_refusal(gen_random_uuid(), 'x', 'y', null, null, null, '192.0.2.1', null)");
    }

    private static string UpdateStatement(string module, Guid row, string column)
    {
        var other = column switch
        {
            "at" => "at + interval '1 microsecond'",
            "outcome" => "case outcome when 'success' then 'refused' else 'success' end",
            "session_id" => "gen_random_uuid()",
            "address" => "'192.0.2.77'",
            "count" => "count + 1",
            "trace_id" => "reverse(coalesce(trace_id, '')) || case when trace_id is null then 'x' else '' end",
            _ => $"coalesce({column}, '') || 'x'",
        };
        return $"update {module}.audit set {column} = {other} where id = '{row}'";
    }

    private static FormUrlEncodedContent InvalidCodeForm(string client) => new(new Dictionary<string, string>
    {
        ["grant_type"] = "authorization_code",
        ["client_id"] = client,
        ["code"] = "none",
        ["redirect_uri"] = "http://127.0.0.1/",
        ["code_verifier"] = new('a', 43),
    });

    /// <summary>Waits until every row is sealed.</summary>
    private static Task WaitUntilSealed(RunningHost host) => Eventually.Holds(
        async () => await host.Query<long>(
            "select (select count(*) from identity.audit_unsealed) + (select count(*) from users.audit_unsealed)") == 0,
        TimeSpan.FromMinutes(2));

    /// <summary>Runs <c>audit verify</c> of the host program, as an operator does.</summary>
    private static async Task<(int Code, string Output)> Verify(HostSettings settings, params string[] words)
    {
        await using var host = Program.Build([.. settings.AsConfiguration().Select(pair => $"--{pair.Key}={pair.Value}")]);
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var code = await global::Idoven.Shared.Audit.AuditVerb.Run(
            host.Services, ["verify", .. words], output, errors, TestContext.Current.CancellationToken);
        return (code, $"{output}{errors}");
    }

    private static async Task Execute(NpgsqlDataSource database, string statement)
    {
        await using var command = database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("names the key ([0-9a-f]{64})")]
    private static partial Regex SignedBy();
}
