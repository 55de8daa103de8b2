using Idoven.Shared.Configuration;
using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Idoven.Shared.Tests.Persistence;

/// <summary>What a module's connections are where the connection string leaves it open, and where it does not.</summary>
public sealed class ModuleDatabaseTests
{
    [Theory]
    [InlineData("", 20, 20)]
    [InlineData(";Maximum Pool Size=7", 7, 7)]
    [InlineData(";MaxPoolSize=100", 100, 100)]
    [InlineData(";Minimum Pool Size=0", 0, 20)]
    [InlineData(";Minimum Pool Size=30", 30, 30)]
    [InlineData(";MinPoolSize=3;MaxPoolSize=30", 3, 30)]
    public void A_pool_keeps_its_twenty_connections_unless_told_otherwise(string given, int kept, int most)
    {
        var pool = Connections(given);

        Assert.Equal((kept, most), (pool.MinPoolSize, pool.MaxPoolSize));
    }

    [Fact]
    public void A_pool_that_would_keep_more_than_it_may_open_is_refused_by_its_name()
    {
        var refusal = Assert.Throws<ConfigurationException>(() => Connections(";Minimum Pool Size=9;Maximum Pool Size=4"));

        Assert.Equal("ConnectionStrings:some cannot be read: its Minimum Pool Size is above its Maximum Pool Size.", refusal.Message);
    }

    [Fact]
    public void What_is_acknowledged_is_on_the_disk_and_connections_carry_the_modules_name()
    {
        var connections = Connections("");

        Assert.Equal(("-c synchronous_commit=on", "idoven-some"), (connections.Options, connections.ApplicationName));
    }

    private static NpgsqlConnectionStringBuilder Connections(string given)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:some", $"Host=127.0.0.1;Database=none;Username=some_app{given}")]);
        builder.AddModuleDatabase<SomeDb>("some");
        using var services = builder.Services.BuildServiceProvider();
        return new(services.GetRequiredService<ModuleDatabase<SomeDb>>().DataSource.ConnectionString);
    }

    private sealed class SomeDb(DbContextOptions<SomeDb> options) : DbContext(options);
}
