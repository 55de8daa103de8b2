using Idoven.Host.Tests.Parts;
using Npgsql;

[assembly: AssemblyFixture(typeof(RunningParts))]

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Provides the real parts of the whole run: one PostgreSQL, one RabbitMQ, and one host that most tests use. They run in containers, or
/// with <c>IDOVEN_TEST_PARTS=native</c> as private instances from the packages of the machine.
/// </summary>
public sealed class RunningParts : IAsyncLifetime
{
    private const int VirtualHosts = 64;
    private readonly List<IAsyncDisposable> extra = [];
    private IDatabaseServer database = null!;
    private string schemas = null!;
    private HostSettings used = null!;
    private int virtualHostsUsed;

    internal IBroker Broker { get; private set; } = null!;

    internal MailServer Mail { get; private set; } = null!;

    internal HostSettings Settings { get; private set; } = null!;

    /// <summary>Gets the host with default limits that most tests share: they assert on their own data only.</summary>
    internal RunningHost Host { get; private set; } = null!;

    private static bool IsNative => Environment.GetEnvironmentVariable("IDOVEN_TEST_PARTS") == "native";

    public async ValueTask InitializeAsync()
    {
        string[] virtualHosts = [.. Enumerable.Range(1, VirtualHosts).Select(VirtualHost)];
        if (IsNative)
        {
            var native = await NativeParts.Start(virtualHosts);
            (database, Broker) = (native, native);
        }
        else
        {
            var databaseStart = ContainerDatabase.Start();
            Broker = await ContainerBroker.Start(virtualHosts);
            database = await databaseStart;
        }

        Mail = MailServer.Start();
        schemas = await CreateDatabase();
        await RunningHost.Migrate(new HostSettings(schemas, Broker.Uri));
        used = await CreateUsedDatabase();
        Settings = used with { Admin = await CopyUsedDatabase(), Broker = Broker.Uri };
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

    /// <summary>
    /// Creates a database with the demo accounts and keys of an earlier host, and an empty virtual host of the shared broker, that no other
    /// test uses; for tests that check all of their content.
    /// </summary>
    internal async Task<HostSettings> OwnParts() => used with { Admin = await CopyUsedDatabase(), Broker = OwnVirtualHost() };

    /// <summary>Like <see cref="OwnParts"/>, with a database that no host has used.</summary>
    internal async Task<HostSettings> OwnUnusedParts() =>
        new(await CreateMigratedDatabase(), OwnVirtualHost()) { SmtpPort = Mail.Port };

    /// <summary>Creates an empty virtual host of the shared broker that no other test uses.</summary>
    internal Uri OwnVirtualHost() => Interlocked.Increment(ref virtualHostsUsed) is var number && number <= VirtualHosts
        ? new UriBuilder(Broker.Uri) { Path = VirtualHost(number) }.Uri
        : throw new InvalidOperationException($"All {VirtualHosts} virtual hosts are taken: raise the number in {nameof(RunningParts)}.");

    /// <summary>Creates a migrated database and a broker that no other test uses; for tests that stop the broker.</summary>
    internal async Task<(HostSettings Settings, IBroker Broker)> OwnServers()
    {
        var broker = await OwnBroker();
        return (used with { Admin = await CopyUsedDatabase(), Broker = broker.Uri }, broker);
    }

    private async Task<IBroker> OwnBroker()
    {
        IBroker broker = IsNative ? await NativeBroker.Start() : await ContainerBroker.Start();
        lock (extra)
        {
            extra.Add(broker);
        }

        return broker;
    }

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string as a superuser.</returns>
    internal Task<string> CreateDatabase() => CreateDatabase("");

    /// <summary>Creates a database with only the schemas of all modules.</summary>
    /// <inheritdoc cref="CreateDatabase()"/>
    internal Task<string> CreateMigratedDatabase() => CopyDatabase(schemas);

    private Task<string> CopyUsedDatabase() => CopyDatabase(used.Admin);

    private Task<string> CopyDatabase(string template) =>
        CreateDatabase($"template {new NpgsqlConnectionStringBuilder(template).Database}");

    /// <summary>
    /// Starts a host on an empty database until its demo accounts are complete, and stops it. A host on a copy need not make keys and hash
    /// passwords.
    /// </summary>
    private async Task<HostSettings> CreateUsedDatabase()
    {
        var settings = await OwnUnusedParts();
        await using (var host = await RunningHost.Start(settings))
        {
            await Eventually.Holds(() => host.Query<bool>(
                """
                select (select count(*) = 4 from identity.accounts where user_version = 1)
                    and not exists (select from users.outbox where sent_at is null)
                """));
        }

        NpgsqlConnection.ClearAllPools(); // A database with connections cannot be copied.
        return settings;
    }

    private static string VirtualHost(int number) => $"test-{number}";

    private async Task<string> CreateDatabase(string options)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var admin = NpgsqlDataSource.Create(database.ConnectionString);
        await using var create = admin.CreateCommand($"create database {name} {options}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = name }.ConnectionString;
    }
}
