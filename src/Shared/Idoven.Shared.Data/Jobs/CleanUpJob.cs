using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Data.Jobs;

/// <summary>Rows of a table that are past their retention.</summary>
/// <param name="Table">The table in the module's schema.</param>
/// <param name="Key">The key of the table, as a list of columns.</param>
/// <param name="Which">The condition, in SQL.</param>
internal record RetentionRule<TDb>(string Table, string Key, string Which)
{
    /// <summary>
    /// Returns the statement that removes at most a batch of the rows and returns their number. It locks them in the order of their keys
    /// and skips those that another transaction has locked.
    /// </summary>
    public virtual string Removal(string schema, int batch)
    {
        var table = $"{schema}.{Table}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            with old as materialized (
              select {Key} from {table} where ({Key}) in (select {Key} from {table} where {Which} limit {batch})
              order by {Key} for update skip locked),
            gone as (delete from {table} where ({Key}) in (select {Key} from old) returning 1)
            select count(*) from gone
            """);
    }
}

/// <summary>Removes rows that are past their retention, in small batches.</summary>
internal sealed class CleanUpJob<TDb>(
    ModuleDatabase<TDb> database, IEnumerable<RetentionRule<TDb>> rules, TimeProvider clock, CleanUpSchedule<TDb> schedule)
        : IBackgroundJob<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 1000;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        var removed = 0L;
        foreach (var rows in rules)
        {
            removed += await Remove(rows, ct);
        }

        if (removed == 0)
        {
            schedule.Next = clock.GetUtcNow() + CleanUpSchedule<TDb>.Every;
        }

        return removed > 0;
    }

    private async Task<long> Remove(RetentionRule<TDb> rows, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(rows.Removal(database.Schema, BatchSize));
        command.CommandTimeout = ModuleDatabaseExtensions.PatientCommandSeconds;
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}

/// <summary>The time of the next clean-up of a module.</summary>
internal sealed class CleanUpSchedule<TDb>
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    public DateTimeOffset Next { get; set; }
}
