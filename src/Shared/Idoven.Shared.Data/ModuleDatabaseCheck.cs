using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idoven.Shared.Data;

/// <summary>Healthy if the database responds and has every migration of this build.</summary>
internal sealed class ModuleDatabaseCheck<TDb>(ModuleDatabase<TDb> database, IServiceScopeFactory scopes) : IHealthCheck
    where TDb : DbContext
{
    private volatile bool isMigrated;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!isMigrated)
            {
                await using var scope = scopes.CreateAsyncScope();
                var pending = await scope.ServiceProvider.GetRequiredService<TDb>().Database.GetPendingMigrationsAsync(cancellationToken);
                if (pending.Any())
                {
                    return HealthCheckResult.Unhealthy($"the schema {database.Schema} is behind: run the verb migrate");
                }

                isMigrated = true;
            }

            await using var command = database.DataSource.CreateCommand("select 1");
            command.CommandTimeout = 1;
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"the database of {database.Schema} does not answer", e);
        }
    }
}
