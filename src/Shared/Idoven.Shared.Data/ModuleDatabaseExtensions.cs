using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Readiness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Idoven.Shared.Data;

public static class ModuleDatabaseExtensions
{
    internal const int DefaultPoolSize = 20;

    // The leader holds two sessions all the time (lease, LISTEN), so the background needs a third for its work.
    private const int Sessions = 2;
    private const int SmallestBackgroundPool = Sessions + 1;
    private const int SmallestPool = SmallestBackgroundPool + 1;
    internal const int LargestBackgroundPool = 6;

    // If the database does not respond, a request ends within four seconds: the limit of the command, and then the limit of the connection
    // on which Npgsql asks the server to cancel it. If TLS is optional, Npgsql tries that connection twice: with TLS and without it. Npgsql
    // applies the limit of the command to each wait for the network, not to the whole.
    private const int RequestCommandSeconds = 2;
    internal const int RequestConnectSeconds = 2;
    private const int RequestConnectSecondsWithOptionalTls = 1;

    /// <summary>The seconds that a request waits for a database that does not respond, before the response is 503.</summary>
    public const int SilentDatabaseSeconds = RequestCommandSeconds + RequestConnectSeconds;

    // Background work of the leader and the consumers must fail before another host takes over: a connection that stops after some bytes
    // keeps the lease alive while the work waits. Longer statements set their own limit.
    private const int BackgroundCommandSeconds = 5;
    private const int BackgroundConnectSeconds = 10;

    /// <summary>The seconds that a statement of a start, a verb or a clean-up may wait.</summary>
    public const int PatientCommandSeconds = 30;

    // A statement is prepared on a connection when it runs there for the second time. Each connection keeps the most recently used ones.
    private const int PreparedStatements = 200;
    private const int UsesBeforePreparing = 2;

    // Otherwise Npgsql waits another two seconds for the result of the canceled command.
    private const int NoWaitForCancellation = -1;

    /// <summary>
    /// Contains the session settings of every connection. A commit is on disk before it is acknowledged. A session whose client is frozen
    /// or unreachable ends within about ten seconds, and its locks with it; PostgreSQL's own defaults would keep them for hours.
    /// </summary>
    private const string SessionOptions =
        "-c synchronous_commit=on -c idle_in_transaction_session_timeout=5s "
        + "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10s";

    /// <summary>
    /// Adds the database of a module: <c>ConnectionStrings:&lt;module&gt;</c> as its running role, the schema and the migrations
    /// history of its name, a migration step, and a readiness check.
    /// </summary>
    /// <exception cref="ConfigurationException">The connection string is missing or unreadable.</exception>
    public static void AddModuleDatabase<TDb>(this IHostApplicationBuilder builder, string module)
        where TDb : DbContext
    {
        var connectionString = Read(builder.Configuration, module);
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider, DatabaseClock>());
        builder.Services.AddSingleton(_ => OpenPools<TDb>(module, connectionString));
        builder.Services.TryAddScoped<PoolUse>();
        builder.Services.TryAddSingleton<BackgroundWork>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Scoped<IInterceptor, EndTransactionAtResponse>());
        builder.Services.AddDbContext<TDb>((services, options) => options
            .UseModule(
                services.GetRequiredService<ModuleDatabase<TDb>>().PoolFor(services.GetRequiredService<PoolUse>()),
                module,
                services.GetRequiredService<PoolUse>().IsPatient ? PatientCommandSeconds : null)
            .AddInterceptors(services.GetServices<IInterceptor>()));
        builder.Services.AddScoped<ModuleTransaction<TDb>>();
        builder.Services.AddSingleton<IModuleMigration>(new ModuleMigration<TDb>(module, connectionString));
        builder.Services.AddSingleton<ModuleDatabaseCheck<TDb>>();
        builder.Services.AddReadyCheck<ModuleDatabaseCheck<TDb>>($"database-{module}");
    }

    /// <summary>Configures the DbContext of a module, also for the design-time factories of its migrations.</summary>
    public static DbContextOptionsBuilder UseModule(
        this DbContextOptionsBuilder options, NpgsqlDataSource dataSource, string module, int? commandSeconds = null) =>
        options
            .UseNpgsql(dataSource, npgsql => npgsql.MigrationsHistoryTable("__migrations", module).CommandTimeout(commandSeconds))
            .UseSnakeCaseNamingConvention();

    /// <summary>
    /// Splits the module's connections: at most six, and at least three, are for the background, two of these for sessions that are reset
    /// after use. All wait for the database for a short time only, requests shorter, unless the connection string sets other limits.
    /// </summary>
    private static ModuleDatabase<TDb> OpenPools<TDb>(string module, NpgsqlConnectionStringBuilder all)
    {
        var forBackground = Math.Clamp(all.MaxPoolSize * 3 / 10, SmallestBackgroundPool, LargestBackgroundPool);
        var requests = Share(all.MaxPoolSize - forBackground, "requests");
        var connectSeconds = all.SslMode is SslMode.Prefer or SslMode.Allow ? RequestConnectSecondsWithOptionalTls : RequestConnectSeconds;
        Limit(requests, connectSeconds, RequestCommandSeconds);
        var background = Share(forBackground - Sessions, "background");
        Limit(background, BackgroundConnectSeconds, BackgroundCommandSeconds);
        var sessions = Share(Sessions, "leader");
        Limit(sessions, BackgroundConnectSeconds, BackgroundCommandSeconds);
        sessions.NoResetOnClose = false;
        return new ModuleDatabase<TDb>(
            module, NpgsqlDataSource.Create(requests), NpgsqlDataSource.Create(background), NpgsqlDataSource.Create(sessions));

        void Limit(NpgsqlConnectionStringBuilder pool, int connect, int command)
        {
            pool.Timeout = all.ShouldSerialize("Timeout") ? all.Timeout : connect;
            pool.CommandTimeout = all.ShouldSerialize("Command Timeout") ? all.CommandTimeout : command;
            pool.CancellationTimeout = all.ShouldSerialize("Cancellation Timeout") ? all.CancellationTimeout : NoWaitForCancellation;
        }

        NpgsqlConnectionStringBuilder Share(int size, string use) => new(all.ConnectionString)
        {
            MaxPoolSize = size,
            MinPoolSize = Math.Min(size, all.MinPoolSize * size / all.MaxPoolSize),
            ApplicationName = $"{all.ApplicationName}-{use}",
        };
    }

    private static NpgsqlConnectionStringBuilder Read(IConfiguration configuration, string module)
    {
        var value = configuration.GetConnectionString(module);
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ConfigurationException(
                $"ConnectionStrings:{module} is not set: give the PostgreSQL connection of the role {module}_app "
                + $"(Host=...;Database=...;Username={module}_app;Password=...).");
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(value);
            // ShouldSerialize returns whether the keyword was given; ContainsKey is true for every known keyword.
            if (!settings.ShouldSerialize("Maximum Pool Size"))
            {
                settings.MaxPoolSize = Math.Max(DefaultPoolSize, settings.MinPoolSize);
            }

            // Connections stay open after a peak: otherwise Npgsql closes most of a pool at once five minutes later, and requests wait for
            // new ones (docs/speed.md).
            if (!settings.ShouldSerialize("Minimum Pool Size"))
            {
                settings.MinPoolSize = settings.MaxPoolSize;
            }

            if (settings.MinPoolSize > settings.MaxPoolSize)
            {
                throw new ArgumentException("its Minimum Pool Size is above its Maximum Pool Size.");
            }

            if (settings.MaxPoolSize < SmallestPool)
            {
                throw new ArgumentException($"its Maximum Pool Size is below {SmallestPool}.");
            }

            if (!settings.ShouldSerialize("Max Auto Prepare"))
            {
                (settings.MaxAutoPrepare, settings.AutoPrepareMinUsages) = (PreparedStatements, UsesBeforePreparing);
            }

            if (!settings.ShouldSerialize("No Reset On Close"))
            {
                settings.NoResetOnClose = true;
            }

            // Options of the connection string come last, so they override ours.
            settings.Options = $"{SessionOptions} {settings.Options}".TrimEnd();
            settings.ApplicationName ??= $"idoven-{module}";
            return settings;
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"ConnectionStrings:{module} cannot be read: {e.Message}");
        }
    }
}
