using System.Reflection;
using Idoven.Ecgs;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Idoven.Shared.Data;
using Idoven.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Idoven.Host.Tests.Persistence;

/// <summary>
/// Connections return to their pools without a reset, so nothing may change their sessions: the work that does has a pool of its own.
/// </summary>
public sealed class PooledSessionTests(RunningParts parts)
{
    private const string Find =
        """
        select concat_ws(', ',
          (select 'a lock' from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' limit 1),
          (select 'LISTEN ' || channel from pg_listening_channels() as channel limit 1),
          (select 'the setting ' || name from pg_settings where source = 'session' limit 1),
          (select 'the temporary table ' || relname from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r' limit 1))
        """;

    [Fact, Trait("Hosts", "one")]
    public async Task Pooled_connections_have_nothing_left_in_their_sessions_after_a_failover()
    {
        var settings = await parts.OwnParts();
        await using var first = await RunningHost.Start(settings);
        await using var second = await RunningHost.Start(settings);
        await Use(first);
        var epochs = await Epochs(first);

        await first.Execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where pid in (select backend_pid from ecgs.leader union all select backend_pid from users.leader
              union all select backend_pid from identity.leader)
            """);
        await Eventually.Holds(async () => (await Epochs(first)).Zip(epochs, (now, before) => now > before).All(isLater => isLater));
        await Use(first);
        await Use(second);

        foreach (var host in new[] { first, second })
        {
            foreach (var pool in Pools(host))
            {
                Assert.All(await FindLeftovers(pool), Assert.Empty);
            }
        }
    }

    [Fact]
    public async Task Everything_that_a_session_can_keep_is_reported()
    {
        await using var connection = new NpgsqlConnection(parts.Settings.Admin);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await Read(connection));

        await using var change = new NpgsqlCommand(
            "select pg_advisory_lock(1); listen a_channel; set lock_timeout = 1; create temporary table kept (id int)", connection);
        await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal("a lock, LISTEN a_channel, the setting lock_timeout, the temporary table kept", await Read(connection));
    }

    private static async Task Use(RunningHost host)
    {
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        Assert.Equal("processed", await owner.EndStatus(ecg));
    }

    private static Task<long[]> Epochs(RunningHost host) => host.Query<long[]>(
        "select array[(select epoch from ecgs.leader), (select epoch from users.leader), (select epoch from identity.leader)]");

    /// <summary>Returns the pools of all modules whose connections are not reset.</summary>
    private static IEnumerable<NpgsqlDataSource> Pools(RunningHost host) =>
        from module in new[] { typeof(EcgsModule), typeof(UsersModule), typeof(IdentityModule) }
        from context in module.Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DbContext)))
        let type = typeof(ModuleDatabase<>).MakeGenericType(context)
        let database = host.Services.GetRequiredService(type)
        from name in new[] { "DataSource", "Background" }
        select (NpgsqlDataSource)type.GetProperty(name, BindingFlags.Public | BindingFlags.Instance)!.GetValue(database)!;

    /// <summary>Opens every connection of a pool at the same time.</summary>
    private static async Task<IReadOnlyList<string>> FindLeftovers(NpgsqlDataSource pool)
    {
        var size = new NpgsqlConnectionStringBuilder(pool.ConnectionString).MaxPoolSize;
        var connections = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => pool.OpenConnectionAsync().AsTask()));
        try
        {
            return await Task.WhenAll(connections.Select(Read));
        }
        finally
        {
            await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        }
    }

    private static async Task<string> Read(NpgsqlConnection connection)
    {
        await using var find = new NpgsqlCommand(Find, connection);
        return (string)(await find.ExecuteScalarAsync())!;
    }
}
