using System.Net;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests the response of <c>/health/ready</c> during a fault: a reason that names it, and 503 only if the host cannot serve.
/// </summary>
[Trait("Hosts", "one")]
public sealed class ReadinessTests(SeparateServers parts) : IClassFixture<SeparateServers>
{
    [Fact]
    public async Task Faults_that_do_not_prevent_serving_are_reported_and_leave_the_host_ready()
    {
        var (settings, broker) = (parts.Settings, parts.Broker);
        await using var host = await RunningHost.Start(settings);
        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        await Eventually.Holds(async () => (await host.Readiness()).Status == "Healthy");

        // Messages that cannot be marked as sent stay due.
        await host.Execute(
            """
            create function users.never() returns trigger language plpgsql as $$ begin raise 'broken by a test'; end $$;
            create trigger never before update of sent_at on users.outbox for each row execute function users.never();
            """);
        using (var superadmin = await host.Superadmin())
        {
            await superadmin.Register(TestUsers.NewName());
        }

        await Named(
            host,
            "relay-users: stalled",
            () => host.Execute("update users.outbox set created_at = now() - interval '1 minute' where sent_at is null"));
        await host.Execute("drop function users.never cascade");
        await Gone(host, "relay-users");

        // A read of the revocations does not return.
        await using (var reading = await admin.OpenConnectionAsync())
        await using (var held = await reading.BeginTransactionAsync())
        {
            await Execute(reading, "lock table ecgs.revocations in access exclusive mode");
            await Named(host, "revocations-ecgs: behind");
        }

        await Gone(host, "revocations-ecgs");

        // A leader lost its lease and still holds the lock, so that no other host can lead.
        await using (var leading = await admin.OpenConnectionAsync())
        {
            await Execute(
                leading,
                """
                select pg_terminate_backend(pid) from pg_locks
                where locktype = 'advisory' and classid = hashtext('ecgs')::oid and objid = hashtext('worker')::oid
                  and database = (select oid from pg_database where datname = current_database())
                """);
            await Execute(leading, "select pg_advisory_lock(hashtext('ecgs'), hashtext('worker'))");
            await using (var held = await leading.BeginTransactionAsync())
            {
                await Execute(
                    leading,
                    "update ecgs.leader set epoch = epoch + 1, until = now() - interval '1 second', backend_pid = pg_backend_pid()");
                await held.CommitAsync();
            }

            await using (var frozen = await leading.BeginTransactionAsync())
            {
                await Execute(leading, "lock table ecgs.leader in share row exclusive mode");
                await Named(host, "relay-ecgs: no leader");
            }

            await Execute(leading, "select pg_advisory_unlock_all()");
        }

        await Gone(host, "relay-ecgs");

        await broker.Stop();
        try
        {
            await Named(host, "broker: unavailable");
            await Named(host, "consumers: not connected");
            using var owner = await host.NewOwner();
            await owner.Submit();
        }
        finally
        {
            await broker.Start();
        }

        await Gone(host, "broker");
        await Gone(host, "consumers");
    }

    [Fact]
    public async Task Missing_migrations_make_the_host_unready()
    {
        var settings = parts.Settings;
        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        await using var connection = await admin.OpenConnectionAsync();
        await Execute(connection, "alter table users.__migrations rename to migrations_before");
        await Execute(connection, "create table users.__migrations as select * from users.migrations_before order by migration_id limit 1");
        await Execute(connection, "grant select on users.__migrations to users_app");
        try
        {
            var report = await Unready(
                settings,
                report => report.Checks.GetValueOrDefault("database-users")?.Contains("migrate", StringComparison.Ordinal) == true);

            Assert.Equal("Unhealthy", report.Status);
        }
        finally
        {
            await Execute(connection, "drop table users.__migrations");
            await Execute(connection, "alter table users.migrations_before rename to __migrations");
        }
    }

    [Fact]
    public async Task A_host_that_starts_without_the_broker_is_unready_while_earlier_tokens_may_be_revoked_unnoticed()
    {
        var settings = parts.Settings;

        var report = await Unready(
            settings with { Broker = new Uri($"amqp://127.0.0.1:{FreePort.Take()}/") },
            report => report.Checks.GetValueOrDefault("revocations-ecgs") == "catching up" && report.Checks["database-ecgs"] == "Healthy");

        Assert.Equal("Unhealthy", report.Status);
        Assert.Contains(report.Degraded, reason => reason.StartsWith("broker: unavailable", StringComparison.Ordinal));
    }

    private static async Task<ReadinessAnswer> Unready(HostSettings settings, Func<ReadinessAnswer, bool> expected)
    {
        var managementPort = FreePort.Take();
        var configuration = settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{managementPort}";
        using var process = HostProcess.Run(configuration);
        process.BeginErrorReadLine();
        var last = "none";
        try
        {
            using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
            return await Eventually.Finds(
                async () =>
                {
                    try
                    {
                        var report = await management.Readiness();
                        last = $"{report.Code}: {string.Join("; ", report.Checks)}";
                        Assert.Equal(HttpStatusCode.ServiceUnavailable, report.Code);
                        return expected(report) ? report : null;
                    }
                    catch (HttpRequestException)
                    {
                        return null;
                    }
                },
                TimeSpan.FromMinutes(2));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"the last answer was {last}", e);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Waits until the reason is reported with status 200.</summary>
    private static async Task Named(RunningHost host, string reason, Func<Task>? before = null)
    {
        var report = await Eventually.Finds(async () =>
        {
            await (before?.Invoke() ?? Task.CompletedTask);
            var report = await host.Readiness();
            return report.Degraded.Any(named => named.StartsWith(reason, StringComparison.Ordinal)) ? report : null;
        });
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (report.Code, report.Status));
    }

    private static async Task Gone(RunningHost host, string check)
    {
        IEnumerable<string> left = [];
        try
        {
            await Eventually.Holds(
                async () =>
                    !(left = (await host.Readiness()).Degraded.Where(named => named.StartsWith($"{check}: ", StringComparison.Ordinal)))
                        .Any());
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"still reported: {string.Join("; ", left)}", e);
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
