using System.Diagnostics.Metrics;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Operations;

/// <summary>Reads the gauges of a module's messages every few seconds. They report no value while they cannot be read.</summary>
internal sealed class ModuleGauges<TDb> : PeriodicService
    where TDb : DbContext
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly ModuleDatabase<TDb> database;
    private readonly KeyValuePair<string, object?> module;
    private volatile Reading? reading;

    public ModuleGauges(ModuleDatabase<TDb> database, IMeterFactory meters, TimeProvider clock, ILogger<ModuleGauges<TDb>> logger)
        : base($"message gauges of {database.Schema}", Every, clock, logger)
    {
        this.database = database;
        module = new("module", database.Schema);
        var meter = meters.Create(ModuleGauges.MeterName);
        meter.CreateObservableGauge("outbox_pending", () => Observe(now => now.Pending), description: "Messages that wait for the broker.");
        meter.CreateObservableGauge(
            "outbox_oldest", () => Observe(now => now.OldestSeconds), unit: "s", description: "Age of the oldest of them.");
        meter.CreateObservableGauge("parked", () => Observe(now => now.Parked), description: "Messages that could not be handled or sent.");
    }

    protected override string Effect => "The gauges report no value.";

    protected override async Task RunOnce(CancellationToken stoppingToken) => reading = await Read(stoppingToken);

    protected override void OnFailure() => reading = null;

    private async Task<Reading> Read(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::double precision,
              count(*) filter (where parked_at is not null) + (select count(*) from {database.Schema}.parked)
            from {database.Schema}.outbox where sent_at is null
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new Reading(reader.GetInt64(0), reader.GetDouble(1), reader.GetInt64(2));
    }

    private Measurement<double>[] Observe(Func<Reading, double> value) => reading is { } now ? [new(value(now), module)] : [];

    private sealed record Reading(double Pending, double OldestSeconds, double Parked);
}

internal static class ModuleGauges
{
    public const string MeterName = "Idoven.Messaging";
}
