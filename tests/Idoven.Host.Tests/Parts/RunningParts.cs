using Idoven.Host.Tests.Parts;
using Npgsql;

[assembly: AssemblyFixture(typeof(RunningParts))]

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Real parts for the whole run: one PostgreSQL, one RabbitMQ, and one host that most tests talk to. In containers; with
/// <c>IDOVEN_TEST_PARTS=native</c> as private instances of the machine's own packages.
/// </summary>
public sealed class RunningParts : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> extra = [];
    private IDatabaseServer database = null!;

    internal IBroker Broker { get; private set; } = null!;

    internal MailServer Mail { get; private set; } = null!;

    internal HostSettings Settings { get; private set; } = null!;

    /// <summary>The host with default limits that most tests share: they assert on their own data only.</summary>
    internal RunningHost Host { get; private set; } = null!;

    private static bool IsNative => Environment.GetEnvironmentVariable("IDOVEN_TEST_PARTS") == "native";

    public async ValueTask InitializeAsync()
    {
        if (IsNative)
        {
            var native = await NativeParts.Start();
            (database, Broker) = (native, native);
        }
        else
        {
            var databaseStart = ContainerDatabase.Start();
            Broker = await ContainerBroker.Start();
            database = await databaseStart;
        }

        Mail = MailServer.Start();
        Settings = new HostSettings(await CreateDatabase(), Broker.Uri) { SmtpPort = Mail.Port };
        await RunningHost.Migrate(Settings);
        Host = await RunningHost.Start(Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Mail.DisposeAsync();
        foreach (var part in extra)
        {
            await part.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>A database and a broker that no other test knows, migrated; for tests that stop, break or watch the whole of them.</summary>
    internal async Task<(HostSettings Settings, IBroker Broker)> OwnParts()
    {
        var broker = await OwnBroker();
        var settings = new HostSettings(await CreateDatabase(), broker.Uri) { SmtpPort = Mail.Port };
        await RunningHost.Migrate(settings);
        return (settings, broker);
    }

    internal async Task<IBroker> OwnBroker()
    {
        IBroker broker = IsNative ? await NativeBroker.Start() : await ContainerBroker.Start();
        lock (extra)
        {
            extra.Add(broker);
        }

        return broker;
    }

    /// <summary>An empty database.</summary>
    /// <returns>Its connection string, as a superuser.</returns>
    internal async Task<string> CreateDatabase()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var admin = NpgsqlDataSource.Create(database.ConnectionString);
        await using var create = admin.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = name }.ConnectionString;
    }
}
