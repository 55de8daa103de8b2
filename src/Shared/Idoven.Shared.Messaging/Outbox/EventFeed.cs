using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Messages;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>Reads the rows that the relay publishes, so that the feed and the exchange always have the same events.</summary>
internal sealed class EventFeed<TDb>(ModuleDatabase<TDb> database, ModuleMessaging<TDb> module) : IEventFeed
    where TDb : DbContext
{
    public async Task<FeedPage> Read(long after, int limit, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(
            $"""
            select id, message_id, key, type, body, traceparent, created_at, sequence from {database.Schema}.outbox
            where sequence > $1 order by sequence limit $2
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var events = new List<byte[]>();
        var last = after;
        var isGone = false;
        while (await reader.ReadAsync(ct))
        {
            var message = OutboxMessage.Read(reader);

            // The numbers have no gaps, so a missing one was removed by age.
            isGone |= message.Sequence != last + 1;
            last = message.Sequence!.Value;
            events.Add(CloudEvent.Render(module.Contracts.Get(message.Type), message, module.Module));
        }

        return new FeedPage(events, last, isGone);
    }
}
