using Idoven.Shared.Data.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Data;

/// <summary>The verb <c>migrate</c>: creates roles, schemas and tables of every enabled module. A running host never migrates.</summary>
public static class DatabaseMigrator
{
    // An arbitrary number, the same for every host.
    private const long AdvisoryLock = 0x1D0_7E4;

    /// <summary>Migrates one module after the other; a second caller waits for the first and then finds nothing to do.</summary>
    /// <exception cref="ConfigurationException"><c>ConnectionStrings:Migrations</c> is missing.</exception>
    public static async Task Run(IServiceProvider services, CancellationToken ct)
    {
        var value = services.GetRequiredService<IConfiguration>().GetConnectionString("Migrations");
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ConfigurationException(
                "ConnectionStrings:Migrations is not set: give the PostgreSQL connection of a role that may create roles and schemas.");
        }

        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Idoven.Migrate");
        var admin = new NpgsqlConnectionStringBuilder(value) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(admin.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({AdvisoryLock})", connection);
        await command.ExecuteNonQueryAsync(ct);
        foreach (var migration in services.GetServices<IModuleMigration>())
        {
            await migration.Run(admin, logger, ct);
        }
    }
}
