using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging;

/// <summary>Rows of a table that nobody needs any more.</summary>
/// <param name="Table">In the module's schema.</param>
/// <param name="Key">Its key, as a list of columns.</param>
/// <param name="Which">The condition, in SQL.</param>
internal sealed record Outlived<TDb>(string Table, string Key, string Which);

/// <summary>Removes what nobody needs any more, in small batches.</summary>
internal sealed class CleanUp<TDb>(
    ModuleDatabase<TDb> database, IEnumerable<Outlived<TDb>> outlived, TimeProvider clock, CleanUpSchedule<TDb> schedule) : IDueWork<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 1000;

    public async Task<bool> Do(CancellationToken ct)
    {
        if (clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        var removed = 0;
        foreach (var rows in outlived)
        {
            removed += await Remove(rows, ct);
        }

        if (removed == 0)
        {
            schedule.Next = clock.GetUtcNow() + CleanUpSchedule<TDb>.Every;
        }

        return removed > 0;
    }

    private async Task<int> Remove(Outlived<TDb> rows, CancellationToken ct)
    {
        var table = $"{database.Schema}.{rows.Table}";
        await using var command = database.DataSource.CreateCommand(
            $"delete from {table} where ({rows.Key}) in (select {rows.Key} from {table} where {rows.Which} limit {BatchSize})");
        return await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>When the module's tables are swept next.</summary>
internal sealed class CleanUpSchedule<TDb>
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    public DateTimeOffset Next { get; set; }
}
