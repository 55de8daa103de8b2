using System.Diagnostics;
using System.Text.Json;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Messages;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Messaging.Parking;

/// <summary>
/// Stores messages that a consumer could not handle, with the reason. They are sent to their queue again when due, a limited number of
/// times.
/// </summary>
internal sealed class Parking<TDb>(ModuleDatabase<TDb> database)
    where TDb : DbContext
{
    public const string ResentHeader = "x-idoven-resent";

    /// <summary>The time after which a resent message without a result is due again.</summary>
    private const string Lease = "1 hour";

    private readonly string parked = $"{database.Schema}.parked";

    /// <summary>Parks a message for 10 s, 1 min, 5 min and 15 min; after the fifth failure it is not retried.</summary>
    public async Task Park<T>(T message, Guid messageId, string queue, Exception exception, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            insert into {parked} as p (id, message_id, queue, type, body, traceparent, attempts, next_attempt_at, last_error, created_at)
            values ($1, $2, $3, $4, $5::json, $6, 1, now() + interval '10 seconds', $7, now())
            on conflict (message_id, queue) do update set attempts = p.attempts + 1, last_error = excluded.last_error,
              next_attempt_at = now() + (array['1 minute', '5 minutes', '15 minutes'])[p.attempts]::interval
            """);
        object?[] values =
        [
            Guid.CreateVersion7(), messageId, queue, typeof(T).FullName, JsonSerializer.Serialize(message, MessageContracts.Json),
            Activity.Current?.Id, Reason(exception),
        ];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value ?? DBNull.Value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Keeps a message of a dead-letter queue for an operator. It is not sent again unless the operator replays it.</summary>
    /// <param name="attempts">The number of deliveries.</param>
    public async Task Store(DeadLetter letter, string queue, int attempts, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            insert into {parked} (id, message_id, queue, type, body, traceparent, attempts, next_attempt_at, last_error, created_at)
            values ($1, $2, $3, $4, $5::json, $6, $7, null, $8, now())
            on conflict (message_id, queue) do update set next_attempt_at = null, last_error = excluded.last_error
            """);
        object?[] values =
            [Guid.CreateVersion7(), letter.MessageId, queue, letter.Type, letter.Body, letter.Traceparent, attempts, letter.Reason];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value ?? DBNull.Value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task Remove(Guid messageId, string queue, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand($"delete from {parked} where message_id = $1 and queue = $2");
        command.Parameters.Add(new() { Value = messageId });
        command.Parameters.Add(new() { Value = queue });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Ends the automatic retries: only an operator can replay the message.</summary>
    public async Task Abandon(Guid messageId, string queue, string reason, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"update {parked} set next_attempt_at = null, last_error = $3 where message_id = $1 and queue = $2");
        object[] values = [messageId, queue, reason];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Claims due messages, so that no other host sends them within the lease.</summary>
    public async Task<List<(OutboxMessage Message, string Queue)>> TakeDue(int atMost, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            with due as materialized (
              select id from {parked} where next_attempt_at <= now() order by next_attempt_at limit {atMost} for update skip locked)
            update {parked} set next_attempt_at = now() + interval '{Lease}' where id in (select id from due)
            returning 0::bigint, message_id, id, type, body, traceparent, created_at, null::bigint, queue
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<(OutboxMessage, string)>();
        while (await reader.ReadAsync(ct))
        {
            due.Add((OutboxMessage.Read(reader), reader.GetString(8)));
        }

        return due;
    }

    // Types and codes, never the message of the exception: it can contain values.
    private static string Reason(Exception exception) => exception switch
    {
        { InnerException: PostgresException inner } => $"{exception.GetType().Name}: {inner.SqlState} {inner.ConstraintName}",
        _ => exception.GetType().Name,
    };
}
