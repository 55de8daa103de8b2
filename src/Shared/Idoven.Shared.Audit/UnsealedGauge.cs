using System.Diagnostics.Metrics;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Audit;

/// <summary>
/// Reads how long the oldest audit row that can be sealed has waited. Reports no value while the database cannot be read.
/// </summary>
internal sealed class UnsealedGauge<TDb> : PeriodicService
    where TDb : DbContext
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private readonly ModuleDatabase<TDb> database;
    private double? seconds;

    public UnsealedGauge(ModuleDatabase<TDb> database, IMeterFactory meters, TimeProvider clock, ILogger<UnsealedGauge<TDb>> logger)
        : base($"audit gauge of {database.Schema}", Every, clock, logger)
    {
        this.database = database;
        KeyValuePair<string, object?> module = new("module", database.Schema);
        meters.Create("Idoven.Audit").CreateObservableGauge(
            "audit_unsealed_oldest",
            () => seconds is { } now ? new[] { new Measurement<double>(now, module) } : [],
            unit: "s",
            description: "The age of the oldest row of the audit log that can be sealed.");
    }

    protected override string Effect => "The gauge reports no value.";

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0)::double precision
            from {database.Schema}.audit_unsealed where due_at <= clock_timestamp()
            """);
        seconds = (double)(await command.ExecuteScalarAsync(stoppingToken))!;
    }

    protected override void OnFailure() => seconds = null;
}
