using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

/// <summary>The connection pools of a module, with and without settings in its connection string.</summary>
public sealed class ModuleDatabaseTests
{
    [Theory]
    [InlineData("", 14, 4)]
    [InlineData(";Maximum Pool Size=7", 4, 1)]
    [InlineData(";Maximum Pool Size=4", 1, 1)]
    [InlineData(";MaxPoolSize=100", 94, 4)]
    [InlineData(";Minimum Pool Size=30", 24, 4)]
    public void The_background_has_a_share_of_the_modules_connections_and_the_leader_two(
        string given, int forRequests, int forBackground)
    {
        var (requests, background, sessions) = Pools(given);

        Assert.Equal((forRequests, forBackground, 2), (requests.MaxPoolSize, background.MaxPoolSize, sessions.MaxPoolSize));
        Assert.Equal((forRequests, forBackground, 2), (requests.MinPoolSize, background.MinPoolSize, sessions.MinPoolSize));
    }

    [Fact]
    public void Statements_are_prepared_and_only_the_leaders_connections_are_reset()
    {
        var (requests, background, sessions) = Pools("");

        Assert.All([requests, background, sessions], pool => Assert.Equal((200, 2), (pool.MaxAutoPrepare, pool.AutoPrepareMinUsages)));
        Assert.Equal((true, true, false), (requests.NoResetOnClose, background.NoResetOnClose, sessions.NoResetOnClose));
    }

    [Fact]
    public void Preparing_and_keeping_sessions_can_be_switched_off()
    {
        var (requests, background, sessions) = Pools(";Max Auto Prepare=0;No Reset On Close=false");

        Assert.All([requests, background, sessions], pool => Assert.Equal((0, false), (pool.MaxAutoPrepare, pool.NoResetOnClose)));
    }

    [Theory]
    [InlineData(";Minimum Pool Size=0", 0, 0)]
    [InlineData(";MinPoolSize=10;MaxPoolSize=20", 7, 2)]
    public void A_smaller_minimum_is_split_in_the_same_proportion(string given, int forRequests, int forBackground)
    {
        var (requests, background, _) = Pools(given);

        Assert.Equal((forRequests, forBackground), (requests.MinPoolSize, background.MinPoolSize));
    }

    [Theory]
    [InlineData(";Minimum Pool Size=9;Maximum Pool Size=4", "its Minimum Pool Size is above its Maximum Pool Size.")]
    [InlineData(";Maximum Pool Size=3", "its Maximum Pool Size is below 4.")]
    public void Pool_sizes_that_cannot_work_are_rejected_by_name(string given, string reason)
    {
        var error = Assert.Throws<ConfigurationException>(() => Pools(given));

        Assert.Equal($"ConnectionStrings:some cannot be read: {reason}", error.Message);
    }

    [Fact]
    public void Sessions_commit_to_disk_and_end_soon_when_their_client_is_frozen_or_unreachable()
    {
        var (requests, background, _) = Pools(";Options=-c work_mem=8MB");

        Assert.All([requests, background], pool =>
        {
            Assert.Contains("-c synchronous_commit=on", pool.Options!, StringComparison.Ordinal);
            Assert.Contains("-c idle_in_transaction_session_timeout=5s", pool.Options!, StringComparison.Ordinal);
            Assert.Contains("-c tcp_user_timeout=10s", pool.Options!, StringComparison.Ordinal);
            Assert.Contains("-c tcp_keepalives_idle=4", pool.Options!, StringComparison.Ordinal);
            Assert.EndsWith(" -c work_mem=8MB", pool.Options, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("", 1, 2)]
    [InlineData(";SSL Mode=Prefer", 1, 2)]
    [InlineData(";SSL Mode=Disable", 2, 1)]
    [InlineData(";SSL Mode=VerifyFull", 2, 1)]
    public void Requests_wait_for_the_database_for_less_than_five_seconds_and_the_background_for_less_than_a_takeover(
        string given, int timeout, int cancelConnections)
    {
        var (requests, background, _) = Pools(given);

        Assert.Equal((timeout, -1), (requests.Timeout, requests.CancellationTimeout));
        Assert.True(
            requests.CommandTimeout + (cancelConnections * timeout) < 5, "a cancel request takes more connections: the limits add up");
        Assert.Equal((10, 5, -1), (background.Timeout, background.CommandTimeout, background.CancellationTimeout));
    }

    [Fact]
    public void Limits_of_the_connection_string_win_for_both_pools()
    {
        var (requests, background, _) = Pools(";Timeout=7;Command Timeout=70");

        Assert.Equal((7, 70), (requests.Timeout, requests.CommandTimeout));
        Assert.Equal((7, 70), (background.Timeout, background.CommandTimeout));
    }

    [Fact]
    public void Connections_are_named_after_their_module_and_purpose()
    {
        var (requests, background, _) = Pools("");

        Assert.Equal(("idoven-some-requests", "idoven-some-background"), (requests.ApplicationName, background.ApplicationName));
    }

    private static (
        NpgsqlConnectionStringBuilder Requests, NpgsqlConnectionStringBuilder Background, NpgsqlConnectionStringBuilder Sessions)
        Pools(string given)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("ConnectionStrings:some", $"Host=127.0.0.1;Database=none;Username=some_app{given}")]);
        builder.AddModuleDatabase<SomeDb>("some");
        using var services = builder.Services.BuildServiceProvider();
        var database = services.GetRequiredService<ModuleDatabase<SomeDb>>();
        return (
            new(database.DataSource.ConnectionString), new(database.Background.ConnectionString),
            new(database.Sessions.ConnectionString));
    }

    private sealed class SomeDb(DbContextOptions<SomeDb> options) : DbContext(options);
}
