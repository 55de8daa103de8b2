using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Tests how the access log is stored, retained and erased, on a host whose clock the tests set.</summary>
[Trait("Hosts", "one")]
public sealed class AccessLogTests(AccessLogTests.ClockHost at, RunningParts parts) : IClassFixture<AccessLogTests.ClockHost>
{
    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(11);

    [Fact]
    public async Task Repeated_accesses_within_ten_seconds_are_counted_in_one_row()
    {
        var user = Guid.CreateVersion7();
        using var owner = at.Client(user);
        var ecg = await owner.Submit();
        await Read(3);
        await Eventually.Holds(async () => await Rows(user) == "3");
        await Read(2);
        await Eventually.Holds(async () => await Rows(user) == "5");

        at.Clock.Now += TimeSpan.FromSeconds(10);
        await Read(1);

        await Eventually.Holds(async () => await Rows(user) == "5,1");

        async Task Read(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
            }
        }
    }

    [Fact]
    public async Task Erasure_of_the_owner_removes_the_ecg_id_from_access_rows_and_keeps_subject_and_time()
    {
        using var admin = await at.Host.Admin();
        var user = (await admin.Register(TestUsers.NewName())).Id();
        using var owner = at.Client(user);
        var (kept, deleted) = (await owner.Submit(), await owner.Submit());
        await owner.DeleteAsync($"{EcgCalls.Route}/{deleted}");
        await owner.GetAsync($"{EcgCalls.Route}/{kept}");
        await Eventually.Holds(async () => await CountRows(user, "ecg_id is not null") == 4);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{user}")).StatusCode);

        await Eventually.Holds(async () => await CountRows(user, "ecg_id is null") == 4);
        Assert.Equal(4, await CountRows(user, $"subject = '{user}' and at > now() - interval '1 hour'"));

        // As if a host stored a row that it still had in memory.
        await at.Host.Execute(AccessLogRouteTests.InsertAccess(0, $"{user}", kept, $"{user}"));
        at.Clock.Now += Sweep;
        await Eventually.Holds(async () => await CountRows(user, "ecg_id is null") == 5);
    }

    [Fact]
    public async Task Access_rows_are_deleted_after_the_configured_days()
    {
        var user = Guid.CreateVersion7();
        foreach (var days in new[] { 401, 399 })
        {
            await at.Host.Execute(AccessLogRouteTests.InsertAccess(days, $"{user}", Guid.CreateVersion7(), $"{user}"));
        }

        at.Clock.Now += Sweep;

        await Eventually.Holds(async () => await CountRows(user, "true") == 1);
        Assert.Equal(1, await CountRows(user, "at > now() - interval '400 days'"));
    }

    [Fact]
    public async Task Stopping_host_stores_the_access_rows_that_it_has_in_memory()
    {
        var settings = await parts.OwnParts();
        var user = Guid.CreateVersion7();
        await using (var host = await RunningHost.StartAt(new WithoutSeconds(), settings))
        {
            using var owner = host.Client(HandMadeToken.Create(host, settings.Issuer, user));
            Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(EcgCalls.Route)).StatusCode);
            Assert.Equal(0L, await host.Query<long>("select count(*) from ecgs.accesses where action = 'ecg.list'"));
        }

        await using var database = NpgsqlDataSource.Create(settings.Admin);
        await using var rows = database.CreateCommand("select string_agg(subject, ',') from ecgs.accesses where action = 'ecg.list'");
        Assert.Equal($"{user}", await rows.ExecuteScalarAsync());
    }

    [Fact, Trait(LimitedResourceTests.Trait, "rows of the access log in memory")]
    public async Task Access_rows_stay_in_memory_while_the_database_fails_and_a_full_buffer_rejects_reads()
    {
        const int share = 25;
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings, ("Access:Buffer", $"{4 * share}"));
        await host.Execute(
            """
            create function ecgs.reject() returns trigger language plpgsql as $$
              begin raise exception 'the disk is full' using errcode = 'disk_full'; end $$;
            create trigger reject before insert on ecgs.accesses for each row execute function ecgs.reject();
            """);
        var user = Guid.CreateVersion7();
        for (var session = 0; session < share; session++)
        {
            Assert.Equal(HttpStatusCode.OK, (await List()).StatusCode);
        }

        var refused = await List();

        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
        using (var another = host.Client(HandMadeToken.Create(host, settings.Issuer, Guid.CreateVersion7())))
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(HttpStatusCode.OK, (await another.GetAsync(EcgCalls.Route)).StatusCode);
            }
        }

        await Eventually.Holds(async () =>
            (await host.Management.GetStringAsync("/health/ready")).Contains("access log: ", StringComparison.Ordinal));
        Assert.Equal("/problems/unavailable", (await refused.Problem(HttpStatusCode.ServiceUnavailable)).GetProperty("type").GetString());
        Assert.Equal(0L, await host.Query<long>("select count(*) from ecgs.accesses"));
        await host.Execute("drop function ecgs.reject cascade");
        await Eventually.Holds(async () => (await List()).StatusCode == HttpStatusCode.OK);
        await Eventually.Holds(async () =>
            await host.Query<long>("select count(*) from ecgs.accesses where subject = $1", $"{user}") >= share + 1);

        async Task<HttpResponseMessage> List()
        {
            using var client = host.Client(HandMadeToken.Create(host, settings.Issuer, user, ("sid", $"{Guid.CreateVersion7()}")));
            return await client.GetAsync(EcgCalls.Route);
        }
    }

    /// <summary>
    /// The commit succeeds but its confirmation is lost, as when the connection breaks: the next run finds the row and only adds
    /// to its count.
    /// </summary>
    [Fact]
    public async Task Access_row_whose_commit_was_not_confirmed_is_stored_once()
    {
        var settings = await parts.OwnParts();
        var user = Guid.CreateVersion7();
        await using var host = await RunningHost.Start(settings);

        // The attempts of the host fail. Sequences keep the id of its row, because a rollback does not reset them.
        await host.Execute(
            """
            create sequence ecgs.high;
            create sequence ecgs.low minvalue -9223372036854775808;
            grant all on sequence ecgs.high, ecgs.low to public;
            create function ecgs.reject() returns trigger language plpgsql as $$ declare hex text := replace(new.id::text, '-', ''); begin
              perform setval('ecgs.high', ('x' || left(hex, 16))::bit(64)::bigint);
              perform setval('ecgs.low', ('x' || right(hex, 16))::bit(64)::bigint);
              raise exception 'the disk is full' using errcode = 'disk_full'; end $$;
            create trigger reject before insert on ecgs.accesses for each row when (new.client_id is not null)
              execute function ecgs.reject();
            """);
        using var owner = host.Client(HandMadeToken.Create(host, settings.Issuer, user));
        await owner.GetAsync(EcgCalls.Route);
        await Eventually.Holds(() => host.Query<bool>("select high.is_called and low.is_called from ecgs.high, ecgs.low"));

        await host.Execute(
            $"""
            insert into ecgs.accesses (id, at, action, outcome, count, subject)
            select (lpad(to_hex(high.last_value), 16, '0') || lpad(to_hex(low.last_value), 16, '0'))::uuid, now(), 'ecg.list', 'allowed',
              1, '{user}'
            from ecgs.high, ecgs.low;
            """);
        await owner.GetAsync(EcgCalls.Route);
        await host.Execute("drop function ecgs.reject cascade");

        await Eventually.Holds(async () =>
            await host.Query<long>("select sum(count) from ecgs.accesses where subject = $1", $"{user}") == 2);
    }

    [Fact]
    public async Task Migration_moves_insight_reads_to_the_access_log()
    {
        var settings = await parts.OwnParts();
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        var (there, gone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Execute(
            $"""
            delete from ecgs.__migrations where migration_id like '%_Accesses' or migration_id like '%_InsightReadsOfEarlierHosts';
            drop view ecgs.insight_reads; drop function ecgs.insert_insight_read();
            drop table ecgs.accesses;
            drop function ecgs.keep_accesses(); drop function ecgs.count_accesses(uuid[], int[]);
            drop function ecgs.forget_accesses(text, int); drop function ecgs.prune_accesses(int, int);
            create table ecgs.insight_reads (id uuid primary key, ecg_id uuid not null, client_id varchar(200) not null,
              at timestamptz not null, trace_id varchar(32));
            create function ecgs.keep_insight_reads() returns trigger language plpgsql as $$ begin raise 'grows'; end $$;
            create trigger keep before update or delete on ecgs.insight_reads for each statement
            when (not pg_has_role(current_user, 'ecgs_owner', 'member')) execute function ecgs.keep_insight_reads();
            alter table ecgs.insight_reads owner to ecgs_owner; alter function ecgs.keep_insight_reads owner to ecgs_owner;
            insert into ecgs.owners (id) values ('client:gateway');
            insert into ecgs.ecgs (id, owner_id, date, status, submitted_at, body_sha256, attempts)
            values ('{there}', 'client:gateway', now(), 'queued', now(), decode(repeat('00', 32), 'hex'), 0);
            insert into ecgs.insight_reads values
              (gen_random_uuid(), '{there}', 'archive', '2026-11-01T00:00:00Z', repeat('a', 32)),
              (gen_random_uuid(), '{gone}', 'archive', '2026-11-02T00:00:00Z', null);
            """);

        await RunningHost.Migrate(settings);

        await using var rows = database.CreateCommand(
            """
            select array_agg(
              concat_ws(
                ' ', action, outcome, count, subject, client_id, ecg_id, owner_id, trace_id, to_char(at at time zone 'UTC', 'DD'))
              order by at)
            from ecgs.accesses
            """);
        Assert.Equal(
            [
                $"ecg.read_insights allowed 1 client:archive archive {there} client:gateway {new string('a', 32)} 01",
                "ecg.read_insights allowed 1 client:archive archive 02",
            ],
            (string[])(await rows.ExecuteScalarAsync())!);

        async Task Execute(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    private Task<string> Rows(Guid user) => at.Host.Query<string>(
        "select coalesce(string_agg(count::text, ',' order by id), '') from ecgs.accesses where subject = $1 and action = 'ecg.read'",
        $"{user}");

    private async Task<int> CountRows(Guid owner, string condition) =>
        (int)await at.Host.Query<long>($"select count(*) from ecgs.accesses where owner_id = $1 and {condition}", $"{owner}");

    /// <summary>A host whose clock does not advance unless a test sets it.</summary>
    public sealed class ClockHost(RunningParts parts) : IAsyncLifetime
    {
        private HostSettings settings = null!;

        internal StoppedClock Clock { get; } = new();

        internal RunningHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            settings = await parts.OwnParts();
            Host = await RunningHost.StartAt(Clock, settings);
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();

        internal HttpClient Client(Guid user) => Host.Client(HandMadeToken.Create(Host, settings.Issuer, user));
    }

    /// <summary>A clock whose timers of one second never fire, so that nothing is stored before the host stops.</summary>
    private sealed class WithoutSeconds : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            period == TimeSpan.FromSeconds(1)
                ? base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
                : base.CreateTimer(callback, state, dueTime, period);
    }
}
