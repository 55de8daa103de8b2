using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging;

/// <summary>Removes what nobody needs any more, in small batches: sent messages after a day, sent public events after 30, inbox rows after 7.</summary>
internal sealed class CleanUp<TDb>(ModuleDatabase<TDb> database, TimeProvider clock, CleanUpSchedule<TDb> schedule) : IDueWork<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 1000;

    public async Task<bool> Do(CancellationToken ct)
    {
        if (clock.GetUtcNow() < schedule.Next)
        {
            return false;
        }

        var removed = await Remove("outbox", "id", "sent_at < now() - interval '1 day' and (not is_public or sent_at < now() - interval '30 days')", ct)
            + await Remove("inbox", "message_id, consumer", "received_at < now() - interval '7 days'", ct);
        if (removed == 0)
        {
            schedule.Next = clock.GetUtcNow() + CleanUpSchedule<TDb>.Every;
        }

        return removed > 0;
    }

    private async Task<int> Remove(string table, string key, string which, CancellationToken ct)
    {
        var name = $"{database.Schema}.{table}";
        await using var command = database.DataSource.CreateCommand(
            $"delete from {name} where ({key}) in (select {key} from {name} where {which} limit {BatchSize})");
        return await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>When the module's tables are swept next.</summary>
internal sealed class CleanUpSchedule<TDb>
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    public DateTimeOffset Next { get; set; }
}
