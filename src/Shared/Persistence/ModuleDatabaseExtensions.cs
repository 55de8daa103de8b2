using Idoven.Shared.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Idoven.Shared.Persistence;

public static class ModuleDatabaseExtensions
{
    private const int DefaultPoolSize = 20;

    /// <summary>
    /// Gives a module its database: <c>ConnectionStrings:&lt;module&gt;</c> as its running role, the schema and the migrations
    /// history of its name, a migration step, and a readiness check.
    /// </summary>
    /// <exception cref="ConfigurationException">The connection string is missing or unreadable.</exception>
    public static void AddModuleDatabase<TDb>(this IHostApplicationBuilder builder, string module)
        where TDb : DbContext
    {
        var connectionString = Read(builder.Configuration, module);
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider, DatabaseClock>());
        builder.Services.AddSingleton(_ => new ModuleDatabase<TDb>(module, NpgsqlDataSource.Create(connectionString.ConnectionString)));
        builder.Services.AddDbContext<TDb>((services, options) => options
            .UseModule(services.GetRequiredService<ModuleDatabase<TDb>>().DataSource, module)
            .AddInterceptors(services.GetServices<IInterceptor>()));
        builder.Services.AddSingleton<IModuleMigration>(new ModuleMigration<TDb>(module, connectionString));
        builder.Services.AddHealthChecks().AddCheck<ModuleDatabaseCheck<TDb>>($"database-{module}", tags: ["ready"]);
    }

    /// <summary>How every module's context is mapped; also for the design-time factories of its migrations.</summary>
    public static DbContextOptionsBuilder UseModule(this DbContextOptionsBuilder options, NpgsqlDataSource dataSource, string module) =>
        options
            .UseNpgsql(dataSource, npgsql => npgsql.MigrationsHistoryTable("__migrations", module))
            .UseSnakeCaseNamingConvention();

    private static NpgsqlConnectionStringBuilder Read(IConfiguration configuration, string module)
    {
        var value = configuration.GetConnectionString(module);
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ConfigurationException(
                $"ConnectionStrings:{module} is not set: give the PostgreSQL connection of the role {module}_app (Host=...;Database=...;Username={module}_app;Password=...).");
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(value);
            // ShouldSerialize tells what was given; ContainsKey says yes to every keyword there is.
            if (!settings.ShouldSerialize("Maximum Pool Size"))
            {
                settings.MaxPoolSize = Math.Max(DefaultPoolSize, settings.MinPoolSize);
            }

            // What a busy moment opened stays open: else Npgsql closes most of a pool at once five minutes later, and requests wait for new ones (docs/speed.md).
            if (!settings.ShouldSerialize("Minimum Pool Size"))
            {
                settings.MinPoolSize = settings.MaxPoolSize;
            }

            if (settings.MinPoolSize > settings.MaxPoolSize)
            {
                throw new ArgumentException("its Minimum Pool Size is above its Maximum Pool Size.");
            }

            // What we acknowledge has reached the disk, whatever the server's default says.
            settings.Options ??= "-c synchronous_commit=on";
            settings.ApplicationName ??= $"idoven-{module}";
            return settings;
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"ConnectionStrings:{module} cannot be read: {e.Message}");
        }
    }
}
